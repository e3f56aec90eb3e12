package units

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "5": 5 * time.Second, "0.5": 500 * time.Millisecond, ".5": 500 * time.Millisecond,
		"500ms": 500 * time.Millisecond, "2m": 2 * time.Minute, "1h30m": 90 * time.Minute, "0s": 0,
	} {
		if got, err := ParseDuration(text); got != want || err != nil {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "-5s", "5 s", "1e3", "five", "5x", ".", "1.2.3", "+5", "NaN", "99999999999999999999"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "65536": 65536, "1K": 1 << 10, "64M": 64 << 20, "1G": 1 << 30, "2k": 2 << 10, "1KB": 1 << 10, "7b": 7,
	} {
		if got, err := ParseSize(text); got != want || err != nil {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "K", "-1", "1T", "1.5M", "1 K", "1KK", "99999999999999999999", "9999999999999G"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestParseCount(t *testing.T) {
	for _, c := range []struct {
		text  string
		least int
		want  int
		ok    bool
	}{
		{"1", 1, 1, true},
		{"0", 1, 0, false},
		{"0", 0, 0, true},
		{"-1", -1, -1, true},
		{"-1", 0, 0, false},
		{"", 0, 0, false},
		{"x", 0, 0, false},
		{"+1", 0, 0, false},
		{"1.5", 0, 0, false},
		{"99999999999999999999", 0, 0, false},
	} {
		got, err := ParseCount(c.text, c.least)
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%q from %d: got %d, %v", c.text, c.least, got, err)
		}
	}
}

func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{
		"": "", ",": ",", `\n`: "\n", `\t\0`: "\t\x00", `\x1f`: "\x1f", `\xFF,`: "\xff,", `\\n`: `\n`, `\`: `\`, `a\rb`: "a\rb",
	} {
		if got, err := Unescape(text); string(got) != want || err != nil {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`\q`, `a\`, `\x1`, `\xg0`} {
		if got, err := Unescape(text); err == nil {
			t.Errorf("%q: got %q, want an error", text, got)
		}
	}
}
