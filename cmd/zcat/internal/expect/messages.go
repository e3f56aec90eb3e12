package expect

import (
	"fmt"

	"github.com/zcat/zcat/pkg/frames"
)

// Messages holds what is expected of the messages in turn: the patterns of the
// frames of each. The last one applies to all that follow. The zero value expects
// nothing.
type Messages struct {
	list [][]Pattern
	next bool // the next pattern begins a message
	gap  bool // a message was begun with nothing before it
}

// Add adds a pattern for the next frame of the last message.
func (m *Messages) Add(p Pattern) error {
	if m.next || len(m.list) == 0 {
		m.list, m.next = append(m.list, nil), false
	}
	last := &m.list[len(m.list)-1]
	if n := len(*last); n > 0 && (*last)[n-1].rest {
		return fmt.Errorf("%q cannot follow ..., which stands for all further frames", p.text)
	}
	*last = append(*last, p)
	return nil
}

// Then begins the next message.
func (m *Messages) Then() {
	m.gap = m.gap || m.next || len(m.list) == 0
	m.next = true
}

// Whole reports whether something is expected of each message that was begun.
func (m *Messages) Whole() bool { return !m.gap && !m.next }

// Len returns the number of messages of which something is expected.
func (m *Messages) Len() int { return len(m.list) }

// Difference is one difference between a message and what was expected.
type Difference struct {
	Frame int // from 1; 0 where the number of frames is wrong
	Miss
}

// Check compares the message with a number, from 0, with what was expected of it.
func (m *Messages) Check(number int, got frames.Message) []Difference {
	if len(m.list) == 0 {
		return nil
	}
	patterns := m.list[min(number, len(m.list)-1)]
	least, open := len(patterns), false
	if n := len(patterns); n > 0 && patterns[n-1].rest {
		least, open = n-1, true
	}
	var list []Difference
	for i, p := range patterns {
		if i == len(got) || p.rest {
			break
		}
		if miss := p.check(got[i]); miss != nil {
			list = append(list, Difference{i + 1, *miss})
		}
	}
	if len(got) < least || len(got) > least && !open {
		want := count(least, "frame")
		if open {
			want += " or more"
		}
		list = append(list, Difference{0, Miss{"the number of frames is wrong", want, count(len(got), "frame") + ": " + line(got)}})
	}
	return list
}

// count returns a number and what it counts.
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// line returns a message as a line of JSON, cut where it is long.
func line(m frames.Message) string {
	text := frames.EncodeMessage(frames.JSON, m, frames.EncoderOptions{})
	text = text[:len(text)-1]
	if len(text) > 2*window {
		return string(text[:2*window]) + "..."
	}
	return string(text)
}
