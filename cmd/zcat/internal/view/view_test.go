package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scene is a few messages that one View shows one after the other.
type scene struct {
	title    string
	messages []Message
}

func message(t sockets.Type, list ...string) Message {
	at := time.Date(2026, 11, 22, 12, 4, 31, 218_000_000, time.UTC)
	return Message{Kind: t, Time: at, Peer: "tcp://127.0.0.1:53412", Frames: frames.Strings(list...)}
}

func through(w Way, m Message) Message {
	m.Way = w
	return m
}

func from(peer string, m Message) Message {
	m.Peer = peer
	return m
}

// onWire is a message that was seen on its way.
func onWire(sender, receiver sockets.Type, list ...string) Message {
	m := message(receiver, list...)
	m.Wire, m.Sender, m.Goal = true, sender, "tcp://127.0.0.1:5555"
	return m
}

const (
	autoID = "\x00\x6b\x8b\x45\x67"
	order  = `{"op":"order","items":[{"sku":"A-1","n":2},{"sku":"B-7","n":1}],"note":"bitte klingeln, 2. Stock"}`
)

func scenes() []scene {
	bytes := make([]byte, 1234)
	for i := range bytes {
		bytes[i] = byte(i * 7)
	}
	return []scene{
		{"a REQ client at a ROUTER", []Message{message(sockets.Router, autoID, "", "hello")}},
		{"a DEALER client at a ROUTER, twice", []Message{
			message(sockets.Router, "worker-1", "ready"), message(sockets.Router, "worker-1", "done"),
		}},
		{"a client behind a proxy", []Message{message(sockets.Router, autoID, "client-7", "", "hello", "", "world")}},
		{"a body that begins with an empty frame", []Message{message(sockets.Router, autoID, "", "", "hello"), message(sockets.Rep, "", "x")}},
		{"nothing behind the delimiter", []Message{message(sockets.Router, autoID, ""), message(sockets.Dealer, "")}},
		{"a DEALER", []Message{message(sockets.Dealer, "", "from a REP"), message(sockets.Dealer, "from a", "DEALER")}},
		{"a REP, JSON", []Message{message(sockets.Rep, order), message(sockets.Rep, `{"op":"ping","id":7}`), message(sockets.Rep, `["a",{}] trailing`)}},
		{"PULL, text", []Message{
			message(sockets.Pull, "job", "resize"), message(sockets.Pull, ""), message(sockets.Pull, " leading and trailing "),
			message(sockets.Pull, "two\nlines\n"), message(sockets.Pull, "dos\r\nlines\r\n\tand a tab"),
			message(sockets.Pull, strings.Repeat("The quick brown fox jumps over the lazy dog. ", 6)),
		}},
		{"PULL, bytes", []Message{
			message(sockets.Pull, "\x00\xff"), message(sockets.Pull, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00"),
			message(sockets.Pull, string(bytes)),
		}},
		{"PULL, long", []Message{
			message(sockets.Pull, strings.Repeat("0123456789", 123456)), message(sockets.Pull, strings.Repeat("line\n", 100)),
			message(sockets.Pull, strings.Split(strings.Repeat("frame ", 1000), " ")...),
		}},
		{"PULL, hostile", []Message{
			message(sockets.Pull, "\x1b[2J\x1b]0;title\x07 red \u009b31m"), message(sockets.Pull, "user\u202egnp.exe"),
			message(sockets.Pull, "k\xe4se is Latin-1"), message(sockets.Pull, "zalgo "+"a"+strings.Repeat("\u0301", 30)),
			from("ipc:///tmp/\x1b[31m/evil", message(sockets.Pull, `a "quoted" \ backslash`)),
		}},
		{"PULL, wide", []Message{
			message(sockets.Pull, strings.Repeat("日本語のテキスト", 6)), message(sockets.Pull, "e\u0301te\u0301, 👩‍👩‍👧‍👦 family, 🇩🇪 flag, 👍🏽 skin, ❤️ heart, 한국어, a\u3000b"),
			message(sockets.Pull, strings.Repeat("👩‍👩‍👧‍👦", 40)),
		}},
		{"SUB", []Message{message(sockets.Sub, "news.sport", "1:0"), message(sockets.Sub, "A single frame")}},
		{"XPUB", []Message{
			message(sockets.XPub, "\x01A"), message(sockets.XPub, "\x00A"), message(sockets.XPub, "\x01"), message(sockets.XPub, "\x01\x00\xff"), message(sockets.XPub, "upstream"),
		}},
		{"a proxy's capture", []Message{
			through(FrontToBack, message(sockets.Router, autoID, "", "hello")), through(BackToFront, message(sockets.Router, autoID, "", "world")),
			through(BackToFront, message(sockets.XPub, "\x01A")),
		}},
		{"a SUB at a proxy's capture", []Message{
			message(sockets.Sub, autoID, "", "hello"), message(sockets.Sub, autoID, "from a DEALER"), message(sockets.Sub, "client-7", "", "hello"),
			message(sockets.Sub, "topic", ""),
		}},
		{"on the wire, REQ and REP", []Message{
			onWire(sockets.Req, sockets.Router, "", "hello"), onWire(sockets.Router, sockets.Req, "", "world"), onWire(sockets.Router, sockets.Req, "no delimiter"),
			onWire(sockets.Dealer, sockets.Rep, autoID, "", "hello"), onWire(sockets.Dealer, sockets.Rep, ""), onWire(sockets.Rep, sockets.Dealer, autoID, "", "world"),
		}},
		{"on the wire, without delimiter", []Message{onWire(sockets.Dealer, sockets.Router, "hello"), onWire(sockets.Router, sockets.Dealer, "world", "!")}},
		{"on the wire, PUB", []Message{onWire(sockets.Pub, sockets.Sub, "news", "1:0"), onWire(sockets.XPub, sockets.Sub, "news")}},
		{"on the wire, unknown", []Message{onWire(0, 0, "", "hello"), onWire(0, 0, autoID, "hello"), onWire(0, 0, "a", "b")}},
		{"peers", []Message{
			from("", message(sockets.Pull, "nobody")), from("ipc:///run/user/1000/some/rather/long/directory/for/a/socket/of/the/service.sock", message(sockets.Pull, "a long path")),
		}},
	}
}

func (s scene) show(v *View) string {
	var dst []byte
	for _, m := range s.messages {
		dst = v.Append(dst, m)
	}
	return string(dst)
}

// What it looks like, on narrow and wide terminals. To see the colours: cat the file.
func TestGolden(t *testing.T) {
	for _, columns := range []int{80, 40} {
		for kind, shown := range map[string]View{"plain": {}, "colour": {Color: true}, "ascii": {ASCII: true}} {
			var b strings.Builder
			for _, s := range scenes() {
				v := shown
				v.Width = columns
				fmt.Fprintf(&b, "=== %s\n%s\n", s.title, s.show(&v))
			}
			name := filepath.Join("testdata", fmt.Sprintf("%d-%s.golden", columns, kind))
			if *update {
				if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("%s differs; go test ./cmd/zcat/internal/view -update writes it anew:\n%s", name, &b)
			}
		}
	}
}
