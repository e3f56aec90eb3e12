package main

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// -o takes what -o list prints: each line is an option with its default.
func TestOptionListIsInput(t *testing.T) {
	for _, w := range commands("zcat").List() {
		for _, written := range strings.Split(strings.TrimSpace(flags.OptionList(w)), "\n") {
			pair, help, _ := strings.Cut(written, " ")
			c := line.NewConfig(w)
			if name, value, _ := strings.Cut(pair, "="); value != "" {
				if err := flags.SetOption(c, pair); err != nil {
					t.Errorf("%s -o %s: %v", w.Name, pair, err)
				}
				for _, row := range flags.OptionsOf(w) {
					if row.Name == name && row.Get(&c.Options) != value {
						t.Errorf("%s: %s is %s after -o %s", w.Name, name, row.Get(&c.Options), pair)
					}
				}
			}
			if strings.TrimSpace(help) == "" {
				t.Errorf("%s does not mention %s", w.Name, pair)
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
		{"push", "maxmsgsize=0", "", ""},
		{"push", "sndbuf=-1", "sndbuf", "0"},
		{"pull", "rcvbuf=-1", "rcvbuf", "0"},
		{"push", "sndbuf=-2", "", ""},
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
		config := line.NewConfig(commandOf(t, c.command))
		err := flags.SetOption(config, c.text)
		if c.row == "" {
			if err == nil {
				t.Errorf("%s -o %s is taken", c.command, c.text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s -o %s: %v", c.command, c.text, err)
		}
		for _, row := range flags.SocketOptions() {
			if got := row.Get(&config.Options); row.Name == c.row && got != c.want {
				t.Errorf("%s -o %s: %s is %s, want %s", c.command, c.text, row.Name, got, c.want)
			}
		}
	}
	if err := flags.SetOption(line.NewConfig(commandOf(t, "push")), "sndhmw=1"); err == nil || !strings.Contains(err.Error(), "sndhwm") {
		t.Errorf("a slip is answered with %v", err)
	}
}

// The defaults of a command are settings that a socket takes.
func TestDefaultOptions(t *testing.T) {
	for _, w := range commands("zcat").List() {
		if !w.Converses() {
			continue // a proxy has sockets of two types, see Fitted; others have none
		}
		socket, err := sockets.New(w.Kind, func(o *sockets.Options) { *o = line.DefaultOptions(w) })
		if err != nil {
			t.Errorf("%s: %v", w.Name, err)
			continue
		}
		if err := socket.Close(); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
	}
}
