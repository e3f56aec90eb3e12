package zmtp

import (
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// FuzzRead gives Read a peer that sends anything at all after its handshake, cut
// into pieces of any size.
func FuzzRead(f *testing.F) {
	for _, c := range conversations {
		f.Add([]byte(c.said), 7, true)
	}
	for _, said := range []string{
		"", "\x05\x00", "\xff", sizeOnly(0, 1<<40) + "abc", sizeOnly(4, 1<<63), frame(1, "a") + "\x04\x00\x00\x00\x00\x00\x00\x01\x08\x09SUB",
		cmd("PING", "\x00"), cmd("ERROR", "\x03400"), cmd("PING", "\x00\x03"+letters[:40]),
	} {
		f.Add([]byte(said), 1, false)
	}
	f.Fuzz(func(t *testing.T, said []byte, size int, publisher bool) {
		const most = 8 << 10
		s := Setup{Publisher: publisher, Limits: Limits{MaxSize: most, MaxFrames: 16, MaxPrefix: most}}
		var whole outcome
		if used := allocated(func() { whole = hear(t, s, "", string(said)) }); used > 64*uint64(len(said))+1<<20 {
			t.Errorf("%d bytes allocated for %d", used, len(said))
		}
		for _, wire := range whole.messages {
			parsed, _ := framing.ParseMessage(nil, []byte(wire))
			m := frames.Message(parsed)
			if m.Size() > most+1 || len(m) > 16 {
				t.Errorf("a message of %d bytes in %d frames", m.Size(), len(m))
			}
		}
		checkOutcome(t, "again", hear(t, s, "", strings.Join(whole.messages, "")), outcome{messages: whole.messages})
		for _, c := range whole.control {
			flags, n, header := framing.ParseHeader([]byte(c))
			if flags != framing.FlagCommand || header+int(n) != len(c) || !strings.HasPrefix(c[header:], "\x04PONG") || n > 5+maxPingContext {
				t.Errorf("answered %q", c)
			}
		}
		var cut []string
		for chunk := range slices.Chunk(said, 1+int(uint(size)%300)) {
			cut = append(cut, string(chunk))
		}
		checkOutcome(t, "cut", hear(t, s, "", cut...), whole)
		old := hearAs(t, Peer{Major: oldVersion}, s, "", cut...)
		if len(old.control)+len(old.commands) > 0 {
			t.Errorf("commands of ZMTP 2.0: %q, answered %q", old.commands, old.control)
		}
		if n := len(old.messages); n > len(whole.messages) || !slices.Equal(old.messages, whole.messages[:n]) {
			t.Errorf("a peer of ZMTP 2.0 said %q, want the first of %q", old.messages, whole.messages)
		}
	})
}
