package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/zcat/zcat/pkg/sockets"
)

// setMetrics reads HOST:PORT, with the short forms of endpoints.
func setMetrics(c *config, text string) error {
	host, port, err := net.SplitHostPort(text)
	if port == "*" {
		port = "0"
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:9100, :9100 (loopback) or *:9100 (every interface)", text)
	}
	switch host {
	case "":
		host = "127.0.0.1"
	case "*":
		host = ""
	}
	c.proxy.metrics = net.JoinHostPort(host, port)
	return nil
}

// scrapeTime bounds how long a client of the metrics may take over its request.
const scrapeTime = 10 * time.Second

// serveMetrics answers Prometheus at /metrics until the returned function is
// called.
func (b *broker) serveMetrics() (finish func(), err error) {
	address := b.proxy.metrics
	if address == "" {
		return func() {}, nil
	}
	var network net.ListenConfig
	listener, err := network.Listen(b.stop, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	b.say.announce(address, fmt.Sprintf("http://%v/metrics", listener.Addr()))
	metrics.ExposeMetadata(true) // # TYPE lines
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		b.metrics().WritePrometheus(w)
	})
	server := &http.Server{
		Handler: mux, MaxHeaderBytes: 16 << 10,
		ReadTimeout: scrapeTime, WriteTimeout: scrapeTime, IdleTimeout: time.Minute,
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			b.say.fail("--metrics: %v", err)
		}
	}()
	return func() {
		// A scrape that is under way is finished, but not waited for long.
		ctx, cancel := context.WithTimeout(b.hard, time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}, nil
}

// metrics are the counters at this moment.
func (b *broker) metrics() *metrics.Set {
	set := metrics.NewSet()
	count := func(name string, value uint64, labels ...string) {
		set.NewCounter("zcat_proxy_" + name + labelled(labels)).Set(value)
	}
	gauge := func(name string, value int, labels ...string) {
		set.NewGauge("zcat_proxy_"+name+labelled(labels), nil).Set(float64(value))
	}
	var stats [2]sockets.SideStats
	stats[sockets.Front], stats[sockets.Back] = b.joined.Stats()
	for i, s := range stats {
		side := sockets.Side(i).String()
		count("messages_total", s.Received, "side", side, "direction", "received")
		count("messages_total", s.Sent, "side", side, "direction", "sent")
		count("bytes_total", s.ReceivedBytes, "side", side, "direction", "received")
		count("bytes_total", s.SentBytes, "side", side, "direction", "sent")
		count("dropped_messages_total", s.Dropped, "side", side)
		gauge("peers", s.Peers, "side", side)
		gauge("waiting_messages", s.Waiting, "side", side)
	}
	for i, c := range b.captures {
		count("uncaptured_messages_total", c.missed(), "capture", c.name, "number", strconv.Itoa(i+1))
	}
	return set
}

// labelled writes pairs of a label and its value.
func labelled(pairs []string) string {
	var labels []string
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for i := 0; i < len(pairs); i += 2 {
		labels = append(labels, pairs[i]+`="`+escape.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(labels, ",") + "}"
}
