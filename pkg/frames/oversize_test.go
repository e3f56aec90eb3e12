package frames

import (
	"errors"
	"strings"
	"testing"
)

// Of a message that is too large no more than the limit is copied out of its line, and the
// line after it is read as it would be without.
func TestTooLargeIsNotCopied(t *testing.T) {
	const most, size = 1000, 100000
	long := strings.Repeat("a", size)
	for _, line := range []string{`"` + long + `"`, `["` + long + `"]`, `["` + long + `","b"]`, `["x","` + long + `","b"]`, `{"frames":["` + long + `","b"]}`} {
		// A first frame may be remembered for the next line.
		d := NewDecoder(strings.NewReader(line+"\n[\"a\",\"b\"]\n["+`"`+long[:10]+`","b"]`+"\n"), JSON, DecoderOptions{MaxSize: most})
		var b Batch
		var bad *LineError
		if err := d.Decode(&b); !errors.As(err, &bad) || !bad.TooLarge {
			t.Fatalf("%v", err)
		}
		text := append([]byte(line+"\n"), make([]byte, slack)...)
		if wire, _, told, bad := decodeJSONLine(d, nil, text, len(line)); len(wire) > most || told < size || bad != nil {
			t.Errorf("%.20s...: %d bytes were copied of %d, %v", line, len(wire), told, bad)
		}
		if err := d.Decode(&b); err != nil || b.Len() != 2 {
			t.Fatalf("%v, %d messages", err, b.Len())
		}
		if m := b.Next(); string(m[0]) != "a" || string(m[1]) != "b" {
			t.Errorf("%q", m)
		}
	}
}
