package frames_test

import (
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

func TestBytesAsText(t *testing.T) {
	for text, bytes := range map[string]string{
		"":             "",
		"worker-1":     "worker-1",
		"with space":   "with space",
		"åäö":          "åäö",
		"hex:00ff":     "\x00\xff",
		"hex:0d0a":     "\r\n",
		"hex:1b":       "\x1b",
		"hex:e280ae":   "\u202e",
		"hex:6865783a": "hex:",
		"hex:c3":       "\xc3",
		"HEX:00":       "HEX:00",
	} {
		if got := frames.FormatBytes([]byte(bytes)); got != text {
			t.Errorf("%q: written as %q, want %q", bytes, got, text)
		}
		if got, err := frames.ParseBytes(text); err != nil || string(got) != bytes {
			t.Errorf("%q: read as %q, %v, want %q", text, got, err, bytes)
		}
	}
	if got, err := frames.ParseBytes("hex:00FF"); err != nil || string(got) != "\x00\xff" {
		t.Errorf("upper case: got %q, %v", got, err)
	}
	for text, want := range map[string]string{
		"hex:0":    "column 6: expected two hex digits for each byte, found an odd number of them",
		"hex:0x41": "column 6: expected a hex digit, 0 to 9 or a to f, found 'x'",
	} {
		if got, err := frames.ParseBytes(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}
