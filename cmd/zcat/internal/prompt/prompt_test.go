package prompt

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

// typed returns what a prompt makes of keys, line by line.
func typed(t *testing.T, keys string) (lines []string, drawn string) {
	t.Helper()
	var out strings.Builder
	p := New(strings.NewReader(keys), &out, func() (int, int, error) { return 80, 24, nil }, func() {
		out.WriteString("too long")
	})
	all, err := io.ReadAll(bufio.NewReaderSize(p, 16)) // less than a line
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(string(all), "\n"), out.String()
}

func TestKeys(t *testing.T) {
	long := strings.Repeat("ä", Limit)
	for keys, want := range map[string]string{
		"hello\r":                           "hello\n",
		"hello\n":                           "hello\n",
		"id\t\tbody\r":                      "id\t\tbody\n",
		"\r":                                "\n",
		"helo\x1b[Dl\r":                     "hello\n",
		"ello\x01h\r":                       "hello\n",
		"hello x\x7f\x7f\r":                 "hello\n",
		"a b\x17c\r":                        "a c\n",
		"a\tb\x01\x1b[C\tc\r":               "a\tc\tb\n",
		"one\r\x1b[A\r":                     "one\none\n",
		"one\rtwo\r\x1b[A\x1b[A\x1b[B\r":    "one\ntwo\ntwo\n",
		"half\x15whole\r":                   "whole\n",
		"käse 🧀\r":                          "käse 🧀\n",
		"␉ is no tab\r":                     " is no tab\n",
		"\x1b[200~pasted\rlines\r\x1b[201~": "pasted\nlines\n",
		long + "\r":                         long + "\n",
		"end\r\x04lost\r":                   "end\n",
		long + "x\rshort\r":                 "short\n",
		`["json","\u0041 \" {}"]` + "\r":    `["json","\u0041 \" {}"]` + "\n",
		"unfinished":                        "",
	} {
		got, drawn := typed(t, keys)
		if strings.Join(got, "") != want {
			t.Errorf("%.40q: got %.60q, want %.60q", keys, strings.Join(got, ""), want)
		}
		if strings.Contains(drawn, "too long") != (want == "short\n") {
			t.Errorf("%.40q: said that it is too long, or not", keys)
		}
	}
}

// Nothing but what was printed is left, and no prompt is drawn any more.
func TestClose(t *testing.T) {
	keys, press := io.Pipe()
	var out strings.Builder
	p := New(keys, &out, func() (int, int, error) { return 0, 0, errors.New("no size") }, nil)
	lines := make(chan string)
	go func() {
		r := bufio.NewReader(p)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				close(lines)
				return
			}
			lines <- line
		}
	}()
	if _, err := io.WriteString(press, "one\r"); err != nil {
		t.Fatal(err)
	}
	if got := <-lines; got != "one\n" {
		t.Errorf("got %q", got)
	}
	p.Print([]byte("before\n"))
	p.Close()
	p.Close()
	p.Print([]byte("after\n"))
	if err := press.Close(); err != nil {
		t.Fatal(err)
	}
	if _, more := <-lines; more {
		t.Error("a line was not entered")
	}
	if !strings.HasSuffix(out.String(), "after\n") || !strings.Contains(out.String(), "before\r\n") {
		t.Errorf("got %q", out.String())
	}
}
