package metrics

import (
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		":9100": "127.0.0.1:9100", "*:9100": ":9100", "127.0.0.1:0": "127.0.0.1:0", ":*": "127.0.0.1:0", "[::1]:1": "[::1]:1",
		"9100": "", ":": "", ":x": "", ":65536": "", ":01": "", "": "",
	} {
		if got, err := parseAddress(text); (err == nil) != (want != "") || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

// However many sockets there are, those of one metric stand together under one line
// of help and one with its type, as the format demands, and a name takes no line apart.
func TestPage(t *testing.T) {
	p := NewPage("zcat_hub_")
	p.AddSockets("name",
		Socket{"in", sockets.SideStats{Received: 3, ReceivedBytes: 30, Waiting: 2}},
		Socket{"out", sockets.SideStats{Sent: 4, SentBytes: 40, Dropped: 5, Peers: 1}},
		Socket{"a\"b\\c\nd", sockets.SideStats{Refused: 6, Broken: 7, Discarded: 8}})
	p.Add("more_total", "counter", "More.", 9, "a", "1", "b", "2")
	for _, line := range []string{
		`zcat_hub_messages_total{name="in",direction="received"} 3`, `zcat_hub_messages_total{name="out",direction="sent"} 4`,
		`zcat_hub_bytes_total{name="in",direction="received"} 30`, `zcat_hub_bytes_total{name="out",direction="sent"} 40`,
		`zcat_hub_dropped_messages_total{name="out"} 5`, `zcat_hub_peers{name="out"} 1`, `zcat_hub_waiting_messages{name="in"} 2`,
		`zcat_hub_refused_connections_total{name="a\"b\\c\nd"} 6`, `zcat_hub_broken_peers_total{name="a\"b\\c\nd"} 7`,
		`zcat_hub_discarded_messages_total{name="a\"b\\c\nd"} 8`, `zcat_hub_more_total{a="1",b="2"} 9`,
	} {
		if !strings.Contains(p.String(), line+"\n") {
			t.Errorf("no %s in\n%s", line, p)
		}
	}
	seen := map[string]bool{}
	last, helped := "", ""
	for line := range strings.Lines(p.String()) {
		if help := regexp.MustCompile(`^# HELP (\S+) [A-Z].*\.\n$`).FindStringSubmatch(line); help != nil {
			helped = help[1]
		} else if kind := regexp.MustCompile(`^# TYPE (\S+) (counter|gauge)\n$`).FindStringSubmatch(line); kind != nil {
			if last = kind[1]; seen[last] {
				t.Errorf("%s stands in two places", last)
			}
			if last != helped {
				t.Errorf("%s has no help in front", last)
			}
			seen[last] = true
		} else if !strings.HasPrefix(line, last+"{") {
			t.Errorf("%q stands under %s", line, last)
		}
	}
}
