package zmtp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// C66, C68: a command from 3.1 on, a message for 3.0 and 2.0, and we read what we send.
func TestC66AppendSubscribe(t *testing.T) {
	for _, n := range []int{0, 1, 244, 245, 246, 249, 254, 255, 256, 1000} {
		prefix := letters[:n]
		for _, p := range []Peer{{Major: 2}, {Major: 3}} {
			old := &Conn{Peer: p}
			if got := string(old.AppendSubscribe(nil, []byte(prefix), false)); got != message("\x01"+prefix) {
				t.Errorf("to %d.0: %q", p.Major, got)
			}
			if got := string(old.AppendSubscribe(nil, []byte(prefix), true)); got != message("\x00"+prefix) {
				t.Errorf("to %d.0: %q", p.Major, got)
			}
		}
		for _, p := range []Peer{{Major: 3, Minor: 1}, {Major: 3, Minor: 7}, {Major: 4, Minor: 0}} {
			c := &Conn{Peer: p}
			wire := c.AppendSubscribe([]byte("before"), []byte(prefix), false)
			wire = c.AppendSubscribe(wire, []byte(prefix), true)
			if want := "before" + cmd("SUBSCRIBE", prefix) + cmd("CANCEL", prefix); string(wire) != want {
				t.Errorf("to %d.%d: %q", p.Major, p.Minor, wire)
			}
			got := hear(t, Setup{Publisher: true}, "", string(wire[len("before"):]))
			checkOutcome(t, prefix, got, outcome{
				messages: []string{message("\x01" + prefix), message("\x00" + prefix)},
				commands: []string{"SUBSCRIBE", "CANCEL"},
			})
		}
	}
}

func TestAppendError(t *testing.T) {
	if got := string(AppendError([]byte("before"), "no")); got != "before\x04\x09\x05ERROR\x02no" {
		t.Errorf("%q", got)
	}
	if got := string(AppendError(nil, letters[:300])); got != cmd("ERROR", "\xff", letters[:255]) {
		t.Errorf("%q", got)
	}
}

// slowWriter takes a limited number of bytes a call.
type slowWriter struct {
	net.Conn
	got   bytes.Buffer
	sizes []int
	left  int // bytes that it takes before it fails
}

func (w *slowWriter) Write(b []byte) (int, error) {
	w.sizes = append(w.sizes, len(b))
	n := min(len(b), w.left)
	w.left -= n
	w.got.Write(b[:n])
	if n < len(b) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

// onePiece is the largest size of one write in these tests, in bytes.
const onePiece = 256 << 10

// Large writes go out in pieces, all of them in order.
func TestWriteInPieces(t *testing.T) {
	wire := []byte(strings.Repeat(letters, 1000))
	for _, left := range []int{len(wire), onePiece + 5, 0} {
		w := &slowWriter{left: left}
		n, err := (&Conn{try: w.Write, traits: transport.Traits{MaxWrite: onePiece}}).TryWrite(wire)
		if n != left || (err == nil) != (left == len(wire)) || !bytes.Equal(w.got.Bytes(), wire[:left]) {
			t.Errorf("wrote %d of %d, %v", n, left, err)
		}
		for _, size := range w.sizes {
			if size > onePiece+shortRest {
				t.Errorf("a write of %d bytes", size)
			}
		}
	}
}

// A short rest goes out with the piece before it, a longer one by itself.
func TestShortRestIsNoWrite(t *testing.T) {
	for _, c := range []struct {
		rest   int
		writes []int
	}{
		{0, []int{onePiece, onePiece}},
		{1, []int{onePiece, onePiece + 1}},
		{shortRest, []int{onePiece, onePiece + shortRest}},
		{shortRest + 1, []int{onePiece, onePiece, shortRest + 1}},
	} {
		wire := make([]byte, 2*onePiece+c.rest)
		w := &slowWriter{left: len(wire)}
		n, err := (&Conn{try: w.Write, traits: transport.Traits{MaxWrite: onePiece}}).TryWrite(wire)
		if n != len(wire) || err != nil || !slices.Equal(w.sizes, c.writes) {
			t.Errorf("wrote %d of %d, %v, in %d", n, len(wire), err, w.sizes)
		}
	}
}

// TryWrite stops at the first piece that is not taken whole.
func TestTryWriteStops(t *testing.T) {
	wire := []byte(strings.Repeat(letters, 1000))
	for _, room := range []int{len(wire), onePiece, onePiece + 5, 3, 0} {
		w := &slowWriter{left: room}
		c := &Conn{traits: transport.Traits{MaxWrite: onePiece}, try: func(b []byte) (int, error) {
			n, _ := w.Write(b)
			return n, nil
		}}
		n, err := c.TryWrite(wire)
		if n != room || err != nil || !bytes.Equal(w.got.Bytes(), wire[:room]) {
			t.Errorf("wrote %d of %d, %v", n, room, err)
		}
	}
	broken := errors.New("broken")
	c := &Conn{traits: transport.Traits{MaxWrite: 10}, try: func([]byte) (int, error) { return 0, broken }}
	if n, err := c.TryWrite(wire); n != 0 || !errors.Is(err, broken) {
		t.Error(n, err)
	}
}

// Over tcp: bytes that the kernel does not take wait, CloseWrite lets the peer read
// to the end, and Delivered reports when it has.
func TestWriteOverTCP(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows takes any size at once")
	}
	near, far := tcpPair(t)
	c := NewConn(near, Peer{Major: 3, Minor: 1}, nil, Setup{})
	wire := framing.AppendFrame(nil, bytes.Repeat([]byte("x"), 1<<20), false)
	sent := 0
	for taken := len(wire); taken == len(wire); {
		var err error
		if taken, err = c.TryWrite(wire); err != nil {
			t.Fatal(err)
		}
		sent += taken
	}
	if c.Delivered() {
		t.Error("delivered, though the peer's buffers are full")
	}
	got := make(chan int64, 1)
	rest, waits := wire, 0
	err := c.WriteSteps(func(write func([]byte) (int, error)) bool {
		n, err := write(rest)
		if rest = rest[n:]; err != nil {
			t.Error(err)
			return true
		}
		if waits++; waits == 1 { // nobody has read yet: this one was not taken whole
			go func() {
				n, _ := io.Copy(io.Discard, far)
				got <- n
			}()
		}
		return len(rest) == 0
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(rest) > 0 || waits < 2 {
		t.Fatalf("%d bytes are left after %d steps", len(rest), waits)
	}
	c.CloseWrite()
	if n := <-got; n != int64(sent+len(wire)) {
		t.Errorf("the peer got %d bytes of %d", n, sent+len(wire))
	}
	c.Close()
	if _, err := c.TryWrite(wire); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := c.Read(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// The end of the stream, which tcp counts as a byte on its way, is nothing that a peer
// could miss; a byte before it is.
func TestDeliveredButForTheEnd(t *testing.T) {
	near, far := tcpPair(t)
	c := NewConn(near, Peer{Major: 3, Minor: 1}, nil, Setup{})
	defer c.Close()
	full := 0
	for wire := make([]byte, 64<<10); ; {
		n, err := c.TryWrite(wire)
		if err != nil {
			t.Fatal(err)
		}
		if full += n; n == 0 {
			break
		}
	}
	c.CloseWrite() // it cannot leave: the peer's window is shut
	if c.Delivered() {
		t.Error("delivered, though the peer's buffers are full")
	}
	if n, err := io.Copy(io.Discard, far); n != int64(full) || err != nil {
		t.Fatalf("%d bytes of %d, %v", n, full, err)
	}
	for _, known := transport.OutQueue(near); known && !c.Delivered(); { // it confirms when it likes
		runtime.Gosched()
	}
}

// Where no kernel holds what was written, it is delivered at once.
func TestDeliveredWithoutTCP(t *testing.T) {
	if !(&Conn{nc: &pieces{}}).Delivered() {
		t.Error("not delivered")
	}
}
