package zmtp

import (
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// groupCommands are the JOINs and LEAVEs in what a peer says, up to the first frame that
// is not whole, each as it is handed over.
func groupCommands(said string) (list []string) {
	for {
		flags, size, header := framing.ParseHeader([]byte(said))
		if header == 0 || size > uint64(len(said)-header) {
			return list
		}
		body := said[header:][:size]
		said = said[header+int(size):]
		if flags&framing.FlagCommand == 0 {
			continue
		}
		if group, joins := strings.CutPrefix(body, joinName); joins {
			list = append(list, frame(framing.FlagCommand, "\x01"+group))
		} else if group, leaves := strings.CutPrefix(body, leaveName); leaves {
			list = append(list, frame(framing.FlagCommand, "\x00"+group))
		}
	}
}

// FuzzGroups gives a RADIO's connection a peer that sends anything at all, in pieces of
// any size: it hands over the JOINs and LEAVEs in their order, marked as what they are,
// also those between the frames of a message; nothing else has that mark. What a DISH's
// connection writes for a group is read as that.
func FuzzGroups(f *testing.F) {
	for _, said := range []string{
		"", cmd("JOIN") + cmd("LEAVE"), cmd("JOIN", "news") + message("\x01news") + cmd("LEAVE", "news"), message("\x04JOINnews") + cmd("SUBSCRIBE", "news"),
		frame(1, "a") + cmd("JOIN", "news") + frame(0, "b") + cmd("JOIN", letters[:255]), longFrame(4, "\x04JOINx") + cmd("JOINX") + cmd("JOI"),
		cmd("JOIN", strings.Repeat("x", 5000)), "\x04\x00\x00\x00\x00\x00\x00\x00\x01\x08\x09SUB",
	} {
		f.Add([]byte(said), 3)
	}
	f.Fuzz(func(t *testing.T, said []byte, size int) {
		s := Setup{Publisher: true, Groups: true, Limits: Limits{MaxSize: 8 << 10, MaxFrames: 16, MaxPrefix: 255}}
		marked := func(o outcome) (list []string) {
			for _, m := range o.messages {
				if m[0]&framing.FlagCommand != 0 {
					list = append(list, m)
				}
			}
			return list
		}
		want := groupCommands(string(said))
		whole := hear(t, s, "", string(said))
		got := marked(whole)
		if n := len(got); n > len(want) || !slices.Equal(got, want[:n]) || whole.err == "" && n < len(want) {
			t.Errorf("handed over %q (%s), want %q", got, whole.err, want)
		}
		var cut []string
		for chunk := range slices.Chunk(said, 1+int(uint(size)%300)) {
			cut = append(cut, string(chunk))
		}
		pieces := hear(t, s, "", cut...)
		if pieces.err != whole.err || !slices.Equal(marked(pieces), got) {
			t.Errorf("cut: handed over %q (%s), want %q (%s)", marked(pieces), pieces.err, got, whole.err)
		}
		group := said[:min(len(said), 255)]
		for _, p := range []Peer{{Major: oldVersion}, {Major: 3}, {Major: 3, Minor: 1}} {
			dish := NewConn(nil, p, nil, Setup{Groups: true})
			for first, leaves := range []bool{true, false} {
				read := hearAs(t, p, s, "", string(dish.AppendSubscribe(nil, group, leaves)))
				if want := frame(framing.FlagCommand, string([]byte{byte(first)})+string(group)); len(read.messages) != 1 || read.messages[0] != want {
					t.Errorf("%q in %d.%d was read as %q", group, p.Major, p.Minor, read.messages)
				}
			}
		}
	})
}
