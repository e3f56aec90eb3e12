package sockets

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// The judges of ws that make peers has: libzmq with ws and jszmq in Node.js, and a page in
// Chromium.

// startNode makes a starter of the sockets of a library of Node.js.
func startNode(library string) func(*testing.T, Type, ...string) *libzmq {
	return func(t *testing.T, kind Type, flags ...string) *libzmq {
		t.Helper()
		modules, err := filepath.Abs("../../.bin/peers/node_modules")
		try(t, err)
		return startPeer(t, []string{"env", "NODE_PATH=" + modules, "node", "../../scripts/peers/ws_peer.js", library}, kind, flags...)
	}
}

// interopSecured has a pair talk over ws with libzmq, through a mechanism; who binds is its
// server.
func interopSecured(t *testing.T, mechanism string, pair [2]Type, binds bool, talk func(ours, *libzmq)) {
	t.Helper()
	var flags []string
	var options []Option
	server, client := newKeys(t), newKeys(t)
	switch {
	case mechanism == "PLAIN" && binds:
		flags = []string{"-o", "plain_username=joe", "-o", "plain_password=joe"}
		options = []Option{with(PlainServer()), func(o *Options) {
			o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
				if r.Username != "joe" || r.Password != "joe" {
					return zap.Deny("")
				}
				return zap.Allow("joe")
			}
		}}
	case mechanism == "PLAIN":
		flags, options = []string{"-o", "plain_server=1"}, []Option{with(PlainClient("joe", "joe"))}
	case binds:
		flags, options = curveFlags(client, &server.Public), []Option{with(CurveServer(server))}
	default:
		flags, options = curveFlags(server, nil), []Option{with(CurveClient(server.Public, client))}
	}
	interopWith(t, startNode("zeromq"), pair, "ws", binds, talk, flags, options...)
}

// browserTime limits what a page does.
const browserTime = time.Minute

// browse opens the page of scripts/browser, with a script behind its own, from a file in
// Chromium. A pull gets what the script pushes to results.
func browse(t *testing.T, where url.Values, script string) *Socket {
	t.Helper()
	results := newSocket(t, Pull, fromFiles)
	where.Set("results", bind(t, results, onWS))
	page, err := os.ReadFile("../../scripts/browser/page.html")
	try(t, err)
	dir, err := os.MkdirTemp("", "page")
	try(t, err)
	file := filepath.Join(dir, "page.html")
	try(t, os.WriteFile(file, append(page, "<script>(async () => {"+
		"const results = await zmq(where.get('results'), '', () => {}), report = (...frames) => results.send(...frames);\n"+script+
		"})().catch((err) => console.log(err));</script>\n"...), 0o600))
	chromium := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+filepath.Join(dir, "profile"),
		"file://"+file+"#"+where.Encode())
	try(t, chromium.Start())
	t.Cleanup(func() {
		_ = chromium.Process.Kill() // its other processes end with it
		_ = chromium.Wait()
		// They may still write for a moment.
		for range 1000 {
			if os.RemoveAll(dir) == nil {
				break
			}
		}
	})
	return results
}

// fromFiles lets in pages that were opened from a file.
func fromFiles(o *Options) { o.AllowOrigins, o.SendHWM = []string{"null"}, 0 }

// reports expects the report of a page.
func reports(t *testing.T, results *Socket, want string) {
	t.Helper()
	select {
	case got := <-received(t, results):
		if got != want {
			t.Errorf("the page reports %q, want %q", got, want)
		}
	case <-time.After(browserTime):
		t.Errorf("the page does not report %q", want)
	}
}

func received(t *testing.T, s *Socket) <-chan string {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		m, err := s.Recv(t.Context())
		if err == nil {
			got <- string(m[0])
		}
	}()
	return got
}

// browserSubscribes has a page get 10,000 messages in order, of one topic out of two.
func browserSubscribes(t *testing.T, _ bool) {
	t.Helper()
	const count = 10000
	pub := newSocket(t, Pub, fromFiles)
	results := browse(t, url.Values{"feed": {bind(t, pub, onWS)}}, fmt.Sprintf(`
		let next = 0;
		await subscribe("number", ([topic, n, rest]) => {
			if (topic !== "number" || n !== String(next) || rest !== "x".repeat(next %% 300)) report("at " + next + " came " + topic + " " + n);
			if (++next === %d) report("in order");
		});`, count))
	try(t, pub.WaitSubscribers(within(t), 1, []byte("number")))
	try(t, pub.WaitSubscribers(within(t), 2, nil)) // the page's own wants everything
	for i := range count {
		try(t, pub.Send(t.Context(), frames.Strings("other", "not for it")))
		try(t, pub.Send(t.Context(), frames.Strings("number", strconv.Itoa(i), strings.Repeat("x", i%300))))
	}
	reports(t, results, "in order")
}

// browserAsks has a page ask a thousand times.
func browserAsks(t *testing.T, _ bool) {
	t.Helper()
	const count = 1000
	rep := newSocket(t, Rep, fromFiles)
	results := browse(t, url.Values{"service": {bind(t, rep, onWS)}}, fmt.Sprintf(`
		const ask = await requester();
		for (let i = 0; i < %d; i++) {
			const reply = await ask("what", "is " + i);
			if (reply.join() !== "what,is " + i + ",done") return report("reply " + i + " is " + reply);
		}
		report("all answered");`, count))
	for range count {
		m, err := rep.Recv(within(t))
		try(t, err)
		try(t, rep.Send(t.Context(), append(m, []byte("done"))))
	}
	reports(t, results, "all answered")
}

// browserPushes has a page send frames of many sizes.
func browserPushes(t *testing.T, _ bool) {
	t.Helper()
	results := browse(t, url.Values{}, `
		for (const size of [0, 1, 124, 125, 126, 255, 256, 65534, 65535, 65536, 1000000]) report("x".repeat(size), "", "end");`)
	for _, size := range []int{0, 1, 124, 125, 126, 255, 256, 65534, 65535, 65536, 1000000} {
		m, err := results.Recv(within(t))
		try(t, err)
		if len(m) != 3 || len(m[0]) != size || len(m[1]) != 0 || string(m[2]) != "end" {
			t.Fatalf("%d frames, %d bytes in the first: want 3, %d", len(m), len(m[0]), size)
		}
	}
}

// TestPeersWS is the part of make peers that is over ws, by itself.
func TestPeersWS(t *testing.T) {
	if os.Getenv("ZCAT_PEERS") != "ws" {
		t.Skip("make peers has it")
	}
	for _, library := range []string{"zeromq", "jszmq"} {
		for pair, talk := range interopPairs() {
			for _, binds := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s-%s/bound %t", library, pair[0], pair[1], binds), func(t *testing.T) {
					interopWith(t, startNode(library), pair, "ws", binds, talk, nil)
				})
			}
		}
	}
	for pair, talk := range interopPairs() {
		for _, mechanism := range []string{"PLAIN", "CURVE"} {
			for _, binds := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s-%s/bound %t", mechanism, pair[0], pair[1], binds), func(t *testing.T) {
					interopSecured(t, mechanism, pair, binds, talk)
				})
			}
		}
	}
	for pair, talk := range draftPairs() {
		for _, binds := range []bool{true, false} {
			t.Run(fmt.Sprintf("drafts/%s-%s/bound %t", pair[0], pair[1], binds), func(t *testing.T) {
				interopDrafts(t, pair, "ws", binds, talk)
			})
		}
	}
	t.Run("page/SUB", func(t *testing.T) { browserSubscribes(t, true) })
	t.Run("page/REQ", func(t *testing.T) { browserAsks(t, true) })
	t.Run("page/PUSH", func(t *testing.T) { browserPushes(t, true) })
}
