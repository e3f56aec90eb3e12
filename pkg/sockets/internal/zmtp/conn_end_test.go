package zmtp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// TestEndWriting: the peer learns that nothing more comes, and everything that it
// still sends is read.
func TestEndWriting(t *testing.T) {
	near, far := tcpPair(t)
	c := NewConn(near, Peer{Type: "PUSH", Major: 3, Minor: 1}, nil, Setup{})
	defer c.Close()
	if err := far.SetDeadline(time.Now().Add(watchdog)); err != nil {
		t.Fatal(err)
	}
	c.EndWriting()
	c.EndWriting() // once more changes nothing
	select {
	case <-c.Broken():
	default:
		t.Error("not broken")
	}
	if n, err := far.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("the peer hears %d, %v", n, err)
	}
	if _, err := io.WriteString(far, message("last words")); err != nil {
		t.Fatal(err)
	}
	slab, err := c.Read()
	if err != nil || string(slab.Wire) != message("last words") {
		t.Fatalf("%v, %v", slab, err)
	}
}

// TestCurveClosedWhileReading: bytes that had arrived when a connection was closed
// are not opened with the overwritten key, and the peer is not blamed.
func TestCurveClosedWhileReading(t *testing.T) {
	client, server := sessions()
	sealed := sealedBy(t, newSealer(client), []byte(message("hello")), 65483)
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	c := NewConn(near, Peer{secrets: server}, []byte(sealed), Setup{})
	c.Close()
	if slab, err := c.Read(); slab != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v, %v", slab, err)
	}
}

// TestBeatEnds: after Close no clock runs, whatever is noted then.
func TestBeatEnds(t *testing.T) {
	for name, note := range map[string]func(b *beat){
		"promise": func(b *beat) { b.promised(time.Second) },
		"resume":  func(b *beat) { b.promised(time.Second); b.resume() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer func() { _ = far.Close() }()
				c := NewConn(near, Peer{Type: "PUSH", Major: 3, Minor: 1}, nil, Setup{Heartbeat: Heartbeat{Interval: time.Second, Timeout: time.Second}})
				c.beat.pause()
				c.Close()
				note(&c.beat)
				<-time.After(time.Minute)
				synctest.Wait()
				if c.beat.silent() {
					t.Error("a peer was found silent behind Close")
				}
			})
		})
	}
}

// TestGrantIsForAMessage: memory that was granted for a message that is not whole
// has to be asked for again for the next one, however much the last one took.
func TestGrantIsForAMessage(t *testing.T) {
	big := message(strings.Repeat("x", 1<<20))
	asked := 0
	c := NewConn(&pieces{left: []string{big[:1000], big[1000:], big[:1000], big[1000:], big[:1000], big[1000:]}}, Peer{Type: "PUSH", Major: 3, Minor: 1}, nil, Setup{
		Grow: func(int, bool) (bool, error) { asked++; return true, nil },
	})
	defer c.Close()
	for i := range 3 {
		before := asked
		slab, err := c.Read()
		if err != nil || !bytes.Equal(slab.Wire, []byte(big)) {
			t.Fatal(err)
		}
		if asked == before {
			t.Errorf("message %d took what was granted for another", i)
		}
		if most := c.Held(); c.granted > most {
			t.Errorf("behind message %d %d bytes are granted, and %d held", i, c.granted, most)
		}
		slab.Recycle()
	}
}

// TestCurveForgets: a server keeps no secret of a handshake that is over, whether
// it is done or refused.
func TestCurveForgets(t *testing.T) {
	for _, number := range []uint64{2, 1} {
		c := initiator(t, 1)
		c.initiate(number, nil)
		<-c.done
		if m := c.mechanism; m.secret != nil || m.cookieKey != [keySize]byte{} {
			t.Errorf("INITIATE %d: a secret is left", number)
		}
	}
}

// TestWanted: the memory that is asked for is all that an incomplete message takes,
// including its sealed part.
func TestWanted(t *testing.T) {
	const in, sealed = 100 << 10, 300 << 10
	c := &Conn{in: input{slab: slab.New(in)}, opener: &opener{slab: slab.New(sealed)}}
	if least := in + sealed; c.wanted() < least || c.Held() < least {
		t.Errorf("%d wanted and %d held, want %d at least", c.wanted(), c.Held(), least)
	}
	c.in.want, c.opener.want = 2*in, 2*sealed
	if least := 2 * (in + sealed); c.wanted() < least {
		t.Errorf("%d wanted, want %d at least", c.wanted(), least)
	}
	c = &Conn{in: input{want: slab.Small / 2}, opener: &opener{want: slab.Small / 2}}
	if c.wanted() != 0 {
		t.Errorf("%d wanted of what every connection may have", c.wanted())
	}
}
