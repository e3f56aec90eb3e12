package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/broker"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// What Prometheus reads after one message through a streamer.
func TestMetrics(t *testing.T) {
	c, err := configured(t, "proxy", "inproc://metrics-front", "inproc://metrics-back", "--streamer", "--metrics", ":0", "--capture", `say "it"`)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	broker.ProxyOf(c).Capture.Names = nil
	b := broker.New(c, say.Streams{Say: &say.Speech{W: &said}})
	if err := b.OpenAll(c, io.Discard); err != nil {
		t.Fatal(err)
	}
	b.Captures = capture.Captures{{Name: `say "it"`, Missed: func() uint64 { return 5 }}}
	push, pull := socketAt(t, sockets.Push, "inproc://metrics-front"), socketAt(t, sockets.Pull, "inproc://metrics-back")
	ended := make(chan error, 1)
	go func() { ended <- b.Joined.Run(b.Stop, b.Hard) }()
	if err := push.Send(t.Context(), frames.Strings("12345", "")); err != nil {
		t.Fatal(err)
	}
	if _, err := pull.Recv(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Halt()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	b.Life = life.New(life.Asked(c), say.Streams{Say: b.Say})
	finish, err := b.ServeMetrics()
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://\S+`).FindString(said.String())
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	for _, line := range []string{
		"# TYPE zcat_proxy_messages_total counter",
		`zcat_proxy_messages_total{side="front",direction="received"} 1`,
		`zcat_proxy_bytes_total{side="front",direction="received"} 5`,
		`zcat_proxy_messages_total{side="back",direction="sent"} 1`,
		`zcat_proxy_messages_total{side="back",direction="received"} 0`,
		"# TYPE zcat_proxy_peers gauge",
		`zcat_proxy_peers{side="back"} 1`,
		`zcat_proxy_waiting_messages{side="front"} 0`,
		`zcat_proxy_dropped_messages_total{side="front"} 0`,
		`zcat_proxy_uncaptured_messages_total{capture="say \"it\"",number="1"} 5`,
	} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	for _, c := range []struct{ request, status string }{
		{"GET / HTTP/1.1\r\n\r\n", "404 Not Found"},
		{"HEAD /metrics?x HTTP/1.0\r\nHost: a\r\n\r\n", "200 OK"},
		{"POST /metrics HTTP/1.1\r\n\r\n", "405 Method Not Allowed"},
		{"GET /metrics\r\n\r\n", "400 Bad Request"},
		{"GET /metrics HTTP/1.1\r\nno header\r\n\r\n", "400 Bad Request"},
		{"GET /metrics HTTP/1.1\r\nLong: " + strings.Repeat("x", 32<<10) + "\r\n\r\n", "400 Bad Request"},
	} {
		nc, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/metrics"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(nc, c.request); err != nil {
			t.Error(err)
		}
		answer, _ := io.ReadAll(nc) // a request that is not read to its end gets a reset behind the answer
		if err := nc.Close(); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 "+c.status+"\r\n") {
			t.Errorf("%.40q: got %.60q, %v; want %s", c.request, answer, err, c.status)
		}
	}
	finish()
	b.Captures = nil
	b.Conclude(nil)
}

// What a forwarder keeps, for Prometheus and for --stats.
func TestMetricsOfLastValues(t *testing.T) {
	c, err := configured(t, "proxy", "inproc://kept-front", "inproc://kept-back", "--forwarder", "--last-value", "--metrics", ":0", "--stats", "600")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	b := broker.New(c, say.Streams{Say: &say.Speech{W: &said}})
	if err := b.OpenAll(c, io.Discard); err != nil {
		t.Fatal(err)
	}
	pub, sub := socketAt(t, sockets.XPub, "inproc://kept-front"), socketAt(t, sockets.Sub, "inproc://kept-back")
	ended := make(chan error, 1)
	go func() { ended <- b.Joined.Run(b.Stop, b.Hard) }()
	if err := pub.WaitSubscribers(t.Context(), 1, []byte("whatever comes")); err != nil {
		t.Fatal(err)
	}
	if err := pub.Send(t.Context(), frames.Strings("12345", "")); err != nil {
		t.Fatal(err)
	}
	if err := sub.Subscribe(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := sub.Recv(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Halt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	b.Life = life.New(life.Asked(c), say.Streams{Say: b.Say})
	finish, err := b.ServeMetrics()
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(regexp.MustCompile(`http://\S+`).FindString(said.String()))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if want := `zcat_proxy_kept_topics 1\n# HELP .*\n# TYPE zcat_proxy_kept_bytes gauge\nzcat_proxy_kept_bytes \d+\n# HELP .*\n# TYPE zcat_proxy_let_go_topics_total counter\n` +
		`zcat_proxy_let_go_topics_total 0\n`; !regexp.MustCompile(want).Match(text) {
		t.Errorf("no %s in\n%s", want, text)
	}
	finish()
	b.Conclude(nil)
	if want := "; 1 topic kept in "; !strings.Contains(said.String(), want) {
		t.Errorf("no %q in\n%s", want, said.String())
	}
}

func socketAt(t *testing.T, kind sockets.Type, endpoint string) *sockets.Socket {
	t.Helper()
	s, err := sockets.New(kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Connect(endpoint); err != nil {
		t.Fatal(err)
	}
	return s
}
