package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// taps makes an input of each kind, with the writer of what it reads.
func taps(t *testing.T, test func(t *testing.T, cancel func(), in *input, w io.WriteCloser)) {
	t.Helper()
	t.Run("file", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = r.Close(), w.Close() })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		test(t, cancel, newInput(ctx, r), w)
	})
	t.Run("reader", func(t *testing.T) {
		r, w := io.Pipe()
		t.Cleanup(func() { _, _ = r.Close(), w.Close() })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		test(t, cancel, newInput(ctx, r), w)
	})
}

func TestInputReadsToTheEnd(t *testing.T) {
	taps(t, func(t *testing.T, _ func(), in *input, w io.WriteCloser) {
		t.Helper()
		text := strings.Repeat("line\n", 100000)
		go func() {
			_, _ = io.WriteString(w, text)
			_ = w.Close()
		}()
		got, err := io.ReadAll(in)
		if err != nil || string(got) != text {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

func TestInputWaitEndsWithItsContext(t *testing.T) {
	taps(t, func(t *testing.T, cancel func(), in *input, _ io.WriteCloser) {
		t.Helper()
		done := make(chan error)
		go func() {
			_, err := in.Read(make([]byte, 10))
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, errHalted) {
			t.Error(err)
		}
		if _, err := in.Read(make([]byte, 10)); !errors.Is(err, errHalted) {
			t.Error(err)
		}
	})
}

// A regular file is read from where it stands to the end that it had, however it
// grows or shrinks; what the system makes up says no length and has an end too.
func TestInputOfARegularFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("skip1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	grown := newInput(t.Context(), f)
	if _, err := f.WriteAt([]byte("56789"), 8); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(grown)
	if err != nil || string(got) != "1234" {
		t.Errorf("%q, %v", got, err)
	}
	shrunk := newInput(t.Context(), f)
	if err := f.Truncate(10); err != nil {
		t.Fatal(err)
	}
	got, err = io.ReadAll(shrunk)
	if err != nil || string(got) != "56" {
		t.Errorf("%q, %v", got, err)
	}
	if made, err := os.Open("/proc/self/status"); err == nil {
		defer func() { _ = made.Close() }()
		got, err := io.ReadAll(newInput(t.Context(), made))
		if err != nil || len(got) == 0 {
			t.Errorf("/proc/self/status: %q, %v", got, err)
		}
	}
}

// What is at hand when the end comes is still read, but only if nothing was.
func TestInputFinish(t *testing.T) {
	for _, before := range []bool{false, true} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		in := newInput(ctx, r)
		buf := make([]byte, 10)
		if before {
			if _, err := w.WriteString("first"); err != nil {
				t.Fatal(err)
			}
			if n, err := in.Read(buf); string(buf[:n]) != "first" || err != nil {
				t.Fatal(n, err)
			}
		}
		if _, err := w.WriteString("at hand"); err != nil {
			t.Fatal(err)
		}
		in.finish()
		cancel()
		n, err := in.Read(buf)
		if before && !errors.Is(err, errHalted) || !before && (string(buf[:n]) != "at hand" || err != nil) {
			t.Errorf("before %v: %q, %v", before, buf[:n], err)
		}
		if _, err := in.Read(buf); !errors.Is(err, errHalted) {
			t.Error(err)
		}
		_, _ = r.Close(), w.Close()
	}
}

func TestLineSource(t *testing.T) {
	const text = "\"a\"\nbad\n\"b\"\n\n[]\n\"c\""
	for skip, want := range map[bool]string{false: "a", true: "abc"} {
		in := newInput(t.Context(), strings.NewReader(text))
		var said strings.Builder
		src := &lineSource{
			input: in, say: &speech{w: &said}, skip: skip,
			decoder: frames.NewDecoder(in, frames.JSON, frames.DecoderOptions{}),
		}
		got, b := "", frames.Batch{}
		var err error
		for err == nil {
			err = src.next(&b)
			for b.Len() > 0 {
				got += string(b.Next()[0])
			}
		}
		if got != want {
			t.Errorf("skip %v: got %q, want %q", skip, got, want)
		}
		if skip && (!errors.Is(err, io.EOF) || in.skipped.Load() != 2 || strings.Count(said.String(), "skipped") != 2) {
			t.Errorf("%v, %d skipped, %s", err, in.skipped.Load(), &said)
		}
		if !skip && !strings.Contains(err.Error(), "line 2") {
			t.Error(err)
		}
	}
}

func TestFrameSource(t *testing.T) {
	message := frames.Strings("a", "b")
	for _, repeat := range []int{1, 3, 20000} {
		src := &frameSource{taking: t.Context(), message: message, left: repeat}
		sent, b := 0, frames.Batch{}
		for src.next(&b) == nil {
			sent += b.Len()
		}
		if sent != repeat {
			t.Errorf("%d messages, want %d", sent, repeat)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	src := &frameSource{taking: ctx, message: message, endless: true}
	var b frames.Batch
	for range 100 {
		if err := src.next(&b); err != nil || b.Len() == 0 {
			t.Fatal(b.Len(), err)
		}
	}
	cancel()
	if err := src.next(&b); !errors.Is(err, errHalted) {
		t.Error(err)
	}
}
