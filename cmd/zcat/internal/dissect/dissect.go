// Package dissect finds the ZeroMQ traffic in what TCP connections carry: greetings,
// commands and messages of ZMTP 3.x and 2.0, also over WebSocket. It keeps in step over what a capture
// lacks where a frame's length tells how, and else looks for the next place where
// several frames in a row make sense. What CURVE has sealed stays so, and passwords are
// not looked at.
//
// Sources: RFC 15 (ZMTP 2.0), RFC 23 and 37 (ZMTP 3.x), RFC 24 (PLAIN), RFC 26 (CURVE), RFC 45
// (WebSocket).
package dissect

import (
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/flows"
	"github.com/zcat/zcat/pkg/frames"
)

// Party is one end of a connection.
type Party struct {
	Endpoint string
	Type     string // of its socket, "REQ"; "" where that is not known
	Identity []byte // the routing id that it announced, empty without one
}

// Kind is the kind of an Event.
type Kind uint8

// The kinds of events.
const (
	Message Kind = iota
	Command
	Sealed // a message or a command that CURVE has encrypted
	Lost   // bytes that could not be made out
)

// Event is something that a party sent. All of it is lent until the function that it
// was given to returns; From and To stay the same for a connection.
type Event struct {
	Kind     Kind
	Time     time.Time // when its last byte was captured
	From, To *Party
	Client   bool // From is who connected

	Frames   frames.Message // of a message
	Name     string         // of a command, "greeting" among them
	Fields   []Field        // what is in a command
	Metadata []Field        // and the properties in it
	Bytes    int            // of what is sealed or lost
	Reason   string         // why bytes were lost
}

// Field is a part of a command.
type Field struct {
	Name   string
	Value  []byte
	Number bool // Value is a number, or true or false
}

// Stats counts connections.
type Stats struct {
	Conns   uint64 // that carry ZMTP
	Foreign uint64 // that carry something else
}

// maxFrames is the most frames of a message.
const maxFrames = 1 << 20

// Dissector is a sink of flows that tells what it finds.
type Dissector struct {
	Stats Stats

	most  int // bytes of a message
	emit  func(*Event)
	event Event
	list  frames.Message
	plain []byte // what was masked
}

// New makes a Dissector that calls emit with what it finds. A message of more than most
// bytes counts as lost.
func New(most int, emit func(*Event)) *Dissector { return &Dissector{most: most, emit: emit} }

// conn is what is known of a connection.
type conn struct {
	*Dissector
	parties   [2]Party
	halves    [2]half
	client    flows.Side
	mechanism string // "" where it is not known
	zmtp      bool   // this is ZMTP
	foreign   bool   // this is something else
}

// of returns what is known of a connection, which begins with its first bytes.
func (d *Dissector) of(c *flows.Conn) *conn {
	if known, ok := c.State.(*conn); ok {
		return known
	}
	begun := &conn{Dissector: d, client: c.Client}
	for side := range begun.halves {
		begun.parties[side].Endpoint = "tcp://" + c.Ends[side].String()
		begun.halves[side] = half{conn: begun, side: flows.Side(side), begun: c.Begun}
	}
	c.State = begun
	return begun
}

// Data implements flows.Sink.
func (d *Dissector) Data(c *flows.Conn, from flows.Side, at time.Time, b []byte) {
	k := d.of(c)
	if k.foreign {
		return
	}
	k.halves[from].data(b, at, true)
	c.Held = k.held()
}

// Lost implements flows.Sink.
func (d *Dissector) Lost(c *flows.Conn, from flows.Side, at time.Time, n int) {
	k := d.of(c)
	if k.foreign {
		return
	}
	k.halves[from].gap(n, at)
	c.Held = k.held()
}

// Close implements flows.Sink.
func (d *Dissector) Close(c *flows.Conn) {
	k, ok := c.State.(*conn)
	if !ok {
		return
	}
	if !k.foreign {
		// A side that makes sense makes the other one believable.
		for range k.halves {
			for side := range k.halves {
				k.halves[side].settle()
			}
		}
		for side := range k.halves {
			k.halves[side].close()
		}
	}
	if k.zmtp {
		d.Stats.Conns++
	} else {
		d.Stats.Foreign++
	}
	c.State, c.Held = nil, 0
}

func (k *conn) held() int { return k.halves[0].held() + k.halves[1].held() }

// tell tells of an event of a side.
func (k *conn) tell(side flows.Side, at time.Time) {
	e := &k.event
	e.Time, e.From, e.To, e.Client = at, &k.parties[side], &k.parties[side.Other()], side == k.client
	k.emit(e)
}

// ignore gives up a connection that is not ZMTP.
func (k *conn) ignore() {
	k.foreign = true
	for side := range k.halves {
		k.halves[side] = half{conn: k, side: flows.Side(side)}
	}
}
