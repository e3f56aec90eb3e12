//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// meter is a program that measures.
type meter struct{ zcat bool }

func zcatMeter() meter   { return meter{true} }
func libzmqMeter() meter { return meter{} }

// counted is the report of one end of a stream.
type counted struct{ messages, seconds float64 }

// measured is a line of `zcat bench --json`.
type measured struct {
	Messages float64 `json:"messages"`
	Lost     float64 `json:"lost"`
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"messages_per_second"`
	At       string  `json:"measured_at"`
	Latency  struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	} `json:"latency_us"`
}

// serveOn starts the side that counts or echoes.
func (b *bench) serveOn(g *group, m meter, types, endpoint, processor string, curve bool) (*process, error) {
	_, kind, _ := strings.Cut(types, ":")
	argv := []string{b.agree, "serve", kind, lock(curve) + "@" + endpoint}
	if m.zcat {
		argv = []string{b.zcat, "bench", "--json", "-q", "--serve", "--types", types, "--bind", endpoint}
		if curve {
			argv = append(argv, "--curve-server", "--curve-secret", b.certificate()+"_secret")
		}
	}
	p, err := g.start(pin(processor, argv...)...)
	if err == nil && !m.zcat {
		_, err = p.line() // its endpoint, which is ours
	}
	if err != nil {
		return nil, err
	}
	return p, g.bound(endpoint)
}

// ends returns the processors of the two ends of a flow, "" for any.
func ends() (client, server string) {
	if p := processors(); len(p) > 1 {
		return p[0], p[1]
	}
	return "", ""
}

// flowBetween returns the rate of the receiver, and that of the sender to it.
func (b *bench) flowBetween(g *group, from, to meter, transport string, size int, curve bool) ([]float64, error) {
	if err := b.writeCertificate(); err != nil {
		return nil, err
	}
	endpoint, err := b.freshFixed(g, transport)
	if err != nil {
		return nil, err
	}
	mine, others := ends()
	server, err := b.serveOn(g, to, "push:pull", endpoint, others, curve)
	if err != nil {
		return nil, err
	}
	argv := []string{b.agree, "send", "push", lock(curve) + ">" + endpoint, text(size), b.agreementSeconds()}
	if from.zcat {
		argv = b.zcatClient("push:pull", "throughput", endpoint, size)
		if curve {
			argv = append(argv, "--curve-server-cert", b.certificate())
		}
	}
	client, err := g.start(pin(mine, argv...)...)
	if err != nil {
		return nil, err
	}
	sent, err := from.counted(client, "sender")
	if err != nil {
		return nil, err
	}
	if err := client.finish(); err != nil {
		return nil, err
	}
	got, err := to.counted(server, "receiver")
	if err != nil {
		return nil, err
	}
	if got.messages != sent.messages {
		return nil, fmt.Errorf("%.0f of %.0f messages were counted", got.messages, sent.messages)
	}
	// From the first message to the last lies one message less.
	rate := (got.messages - 1) / got.seconds
	return []float64{rate, sent.messages / sent.seconds / rate}, stop(server)
}

// counted reads what one end reports.
func (m meter) counted(p *process, at string) (c counted, err error) {
	if !m.zcat {
		return c, p.numbers(&c.messages, &c.seconds)
	}
	r, err := result(p, at)
	return counted{r.Messages, r.Seconds}, err
}

// latencyBetween returns p50 and p99.
func (b *bench) latencyBetween(g *group, from, to meter, transport, types string) ([]float64, error) {
	endpoint, err := b.freshFixed(g, transport)
	if err != nil {
		return nil, err
	}
	mine, others := ends()
	server, err := b.serveOn(g, to, types, endpoint, others, false)
	if err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(types, ":")
	argv := []string{b.agree, "ask", kind, ">" + endpoint, "100", b.agreementSeconds()}
	if from.zcat {
		argv = b.zcatClient(types, "latency", endpoint, 100)
	}
	client, err := g.start(pin(mine, argv...)...)
	if err != nil {
		return nil, err
	}
	var n, p50, p99 float64
	if from.zcat {
		var r measured
		r, err = result(client, "sender")
		p50, p99 = r.Latency.P50, r.Latency.P99
	} else {
		err = client.numbers(&n, &p50, &p99)
	}
	if err != nil {
		return nil, err
	}
	return []float64{p50, p99}, errors.Join(client.finish(), stop(server))
}

func (b *bench) zcatClient(types, measure, endpoint string, size int) []string {
	return []string{
		b.zcat, "bench", "--json", "-q", "--connect", endpoint, "--types", types, "--measure", measure,
		"--size", text(size), "--for", b.agreementSeconds(),
	}
}

// result reads a line of zcat's, which has to be consistent.
func result(p *process, at string) (r measured, err error) {
	line, err := p.line()
	if err == nil {
		err = json.Unmarshal([]byte(line), &r)
	}
	if err == nil && (r.At != at || r.Lost != 0 || r.Seconds <= 0) {
		err = fmt.Errorf("expected a count of the %s's without a loss, got %s", at, line)
	}
	return r, err
}

// freshFixed returns an endpoint that is known before it is bound.
func (b *bench) freshFixed(g *group, transport string) (string, error) {
	if transport != "tcp" {
		return b.fresh(transport), nil
	}
	endpoint, _, err := freePorts(g)
	return endpoint, err
}

func lock(curve bool) string {
	if curve {
		return "!"
	}
	return ""
}

// certificate returns the name of a file for zcat with the public key of
// libzmq/common.h; the one that also has the secret key has _secret behind its
// name.
func (b *bench) certificate() string { return filepath.Join(b.dir, "agree.key") }

func (b *bench) writeCertificate() error {
	const (
		public = "metadata\ncurve\n    public-key = \"WN=/hvUyTn!O#XIKqK8)gf7kod*3b5i*MAFKoqHs\"\n"
		secret = "    secret-key = \"j+>tD![&8M.)Un.sb.}6gj}bHVosfwFT=ca9>sC]\"\n"
	)
	if err := os.WriteFile(b.certificate(), []byte(public), 0o600); err != nil {
		return err
	}
	return os.WriteFile(b.certificate()+"_secret", slices.Concat([]byte(public), []byte(secret)), 0o600)
}
