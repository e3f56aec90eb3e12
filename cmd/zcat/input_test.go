package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// taps makes an input of each kind, with the writer of what it reads.
func taps(t *testing.T, test func(t *testing.T, cancel func(), in *stream.Input, w io.WriteCloser)) {
	t.Helper()
	t.Run("file", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = r.Close(), w.Close() })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		test(t, cancel, stream.NewInput(ctx, r), w)
	})
	t.Run("reader", func(t *testing.T) {
		r, w := io.Pipe()
		t.Cleanup(func() { _, _ = r.Close(), w.Close() })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		test(t, cancel, stream.NewInput(ctx, r), w)
	})
}

func TestInputReadsToTheEnd(t *testing.T) {
	taps(t, func(t *testing.T, _ func(), in *stream.Input, w io.WriteCloser) {
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
	taps(t, func(t *testing.T, cancel func(), in *stream.Input, _ io.WriteCloser) {
		t.Helper()
		done := make(chan error)
		go func() {
			_, err := in.Read(make([]byte, 10))
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, outcome.ErrHalted) {
			t.Error(err)
		}
		if _, err := in.Read(make([]byte, 10)); !errors.Is(err, outcome.ErrHalted) {
			t.Error(err)
		}
	})
}

// A regular file is read from where it stands to the end that it had, however it
// grows or shrinks; a file that the system makes up has no length, but it has an
// end too.
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
	grown := stream.NewInput(t.Context(), f)
	if _, err := f.WriteAt([]byte("56789"), 8); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(grown)
	if err != nil || string(got) != "1234" {
		t.Errorf("%q, %v", got, err)
	}
	shrunk := stream.NewInput(t.Context(), f)
	if err := f.Truncate(10); err != nil {
		t.Fatal(err)
	}
	got, err = io.ReadAll(shrunk)
	if err != nil || string(got) != "56" {
		t.Errorf("%q, %v", got, err)
	}
	if made, err := os.Open("/proc/self/status"); err == nil {
		defer func() { _ = made.Close() }()
		got, err := io.ReadAll(stream.NewInput(t.Context(), made))
		if err != nil || len(got) == 0 {
			t.Errorf("/proc/self/status: %q, %v", got, err)
		}
	}
}

// What is at hand when the end comes is still read, but only if nothing was read
// before.
func TestInputFinish(t *testing.T) {
	for _, before := range []bool{false, true} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		in := stream.NewInput(ctx, r)
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
		in.Finish()
		cancel()
		n, err := in.Read(buf)
		if before && !errors.Is(err, outcome.ErrHalted) || !before && (string(buf[:n]) != "at hand" || err != nil) {
			t.Errorf("before %v: %q, %v", before, buf[:n], err)
		}
		if _, err := in.Read(buf); !errors.Is(err, outcome.ErrHalted) {
			t.Error(err)
		}
		_, _ = r.Close(), w.Close()
	}
}

func TestLineSource(t *testing.T) {
	const text = "\"a\"\nbad\n\"b\"\n\n[]\n\"c\""
	for skip, want := range map[bool]string{false: "a", true: "abc"} {
		in := stream.NewInput(t.Context(), strings.NewReader(text))
		var said strings.Builder
		src := &stream.LineSource{
			Input: in, Bad: &say.Flood{Say: &say.Speech{W: &said}, Most: 10}, Skip: skip,
			Decoder: frames.NewDecoder(in, frames.JSON, frames.DecoderOptions{}),
		}
		got, b := "", frames.Batch{}
		var err error
		for err == nil {
			err = src.Next(&b)
			for b.Len() > 0 {
				got += string(b.Next()[0])
			}
		}
		if got != want {
			t.Errorf("skip %v: got %q, want %q", skip, got, want)
		}
		if skip && (!errors.Is(err, io.EOF) || in.Skipped.Load() != 2 || strings.Count(said.String(), "skipped") != 2) {
			t.Errorf("%v, %d skipped, %s", err, in.Skipped.Load(), &said)
		}
		if !skip && !strings.Contains(err.Error(), "line 2") {
			t.Error(err)
		}
	}
}

func TestFrameSource(t *testing.T) {
	message := frames.Strings("a", "b")
	for _, repeat := range []int{1, 3, 20000} {
		src := &stream.FrameSource{Taking: t.Context(), Message: message, Left: repeat}
		sent, b := 0, frames.Batch{}
		for src.Next(&b) == nil {
			sent += b.Len()
		}
		if sent != repeat {
			t.Errorf("%d messages, want %d", sent, repeat)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	src := &stream.FrameSource{Taking: ctx, Message: message, Endless: true}
	var b frames.Batch
	for range 100 {
		if err := src.Next(&b); err != nil || b.Len() == 0 {
			t.Fatal(b.Len(), err)
		}
	}
	cancel()
	if err := src.Next(&b); !errors.Is(err, outcome.ErrHalted) {
		t.Error(err)
	}
}
