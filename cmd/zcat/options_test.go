package main

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// What -o list prints, -o takes: each line is an option with its default.
func TestOptionListIsInput(t *testing.T) {
	for _, w := range commands("zcat").list {
		for _, line := range strings.Split(strings.TrimSpace(optionList(w)), "\n") {
			pair, help, _ := strings.Cut(line, " ")
			c := newConfig(w)
			if name, value, _ := strings.Cut(pair, "="); value != "" {
				if err := setOption(c, pair); err != nil {
					t.Errorf("%s -o %s: %v", w.name, pair, err)
				}
				for _, row := range optionsOf(w) {
					if row.name == name && row.get(&c.options) != value {
						t.Errorf("%s: %s is %s after -o %s", w.name, name, row.get(&c.options), pair)
					}
				}
			}
			if strings.TrimSpace(help) == "" {
				t.Errorf("%s says nothing of %s", w.name, pair)
			}
		}
	}
}

func TestSetOption(t *testing.T) {
	for _, c := range []struct{ command, text, row, want string }{
		{"push", "sndhwm=10", "sndhwm", "10"},
		{"push", "ZMQ_SNDHWM=10", "sndhwm", "10"},
		{"push", "linger=-1", "linger", "-1"},
		{"push", "linger=250", "linger", "250"},
		{"push", "maxmsgsize=-1", "maxmsgsize", "-1"},
		{"push", "maxmsgsize=5", "maxmsgsize", "5"},
		{"push", "reconnect_ivl=9000", "reconnect_ivl_max", "9000"},
		{"push", "reconnect_ivl_max=0", "reconnect_ivl_max", "100"},
		{"push", "reconnect_ivl_max=50", "reconnect_ivl", "50"},
		{"push", "tcp_keepalive=1", "tcp_keepalive_intvl", "15"},
		{"push", "tcp_keepalive=0", "tcp_keepalive", "0"},
		{"push", "tcp_keepalive_intvl=7", "tcp_keepalive", "1"},
		{"dealer", "identity=hex:6162", "routing_id", "ab"},
		{"router", "router_mandatory=0", "router_mandatory", "0"},
		{"xpub", "xpub_welcome_msg=hello", "xpub_welcome_msg", "hello"},
		{"push", "sndhwm=x", "", ""},
		{"push", "sndhwm=", "", ""},
		{"push", "linger=-2", "", ""},
		{"push", "linger=5s", "", ""},
		{"push", "reconnect_ivl=0", "", ""},
		{"push", "immediate=2", "", ""},
		{"push", "tcp_keepalive=2", "", ""},
		{"push", "tcp_keepalive_intvl=0", "", ""},
		{"push", "identity=a", "", ""},
		{"push", "=1", "", ""},
		{"push", "list=1", "", ""},
	} {
		config := newConfig(commandOf(t, c.command))
		err := setOption(config, c.text)
		if c.row == "" {
			if err == nil {
				t.Errorf("%s -o %s is taken", c.command, c.text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s -o %s: %v", c.command, c.text, err)
		}
		for _, row := range socketOptions() {
			if got := row.get(&config.options); row.name == c.row && got != c.want {
				t.Errorf("%s -o %s: %s is %s, want %s", c.command, c.text, row.name, got, c.want)
			}
		}
	}
	if err := setOption(newConfig(commandOf(t, "push")), "sndhmw=1"); err == nil || !strings.Contains(err.Error(), "sndhwm") {
		t.Errorf("a slip is answered with %v", err)
	}
}

// The defaults of a command are settings that a socket takes.
func TestDefaultOptions(t *testing.T) {
	for _, w := range commands("zcat").list {
		if !converses(w) {
			continue // a proxy has sockets of two types, see fitted; others have none
		}
		socket, err := sockets.New(w.kind, func(o *sockets.Options) { *o = defaultOptions(w) })
		if err != nil {
			t.Errorf("%s: %v", w.name, err)
			continue
		}
		if err := socket.Close(); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}
