package sockets

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
)

// lastValues are the newest messages of all topics, for Options.LastValueBytes. The
// lock of the fan-out that they belong to guards them.
type lastValues struct {
	table          *topics.Table[lastValue]
	oldest, newest *lastValue
	held           topicMemory // bytes, of all of it
	limit          int
	longest        int // topic, in bytes; 0: any

	fed map[*peer]struct{} // peers whose feed is not over
}

// lastValue is the newest message of a topic.
type lastValue struct {
	wire         []byte // in wire form; its memory is its own
	older, newer *lastValue
	awaited      int // peers whose feed goes on here
}

// lastValueMemory is the memory of a lastValue without its message, in bytes.
const lastValueMemory = 48

// newLastValues returns nil where none are kept.
func newLastValues(o *Options) *lastValues {
	if o.LastValueBytes == 0 {
		return nil
	}
	v := &lastValues{limit: o.LastValueBytes, longest: o.MaxPrefix, fed: map[*peer]struct{}{}}
	v.table = topics.NewTable[lastValue](&v.held)
	return v
}

// topic returns the first frame of the message, a view that lives as long as that.
func (e *lastValue) topic() []byte {
	topic, _, _ := framing.CutFrame(e.wire)
	return topic
}

// fits reports whether a message can be kept at all: alone it is within the limit,
// and its topic no longer than a subscription may be.
func (v *lastValues) fits(topic, message []byte) bool {
	size := len(message)
	return (v.longest == 0 || len(topic) <= v.longest) && topics.Part(len(topic))+lastValueMemory+size+size/4 <= v.limit
}

// put makes a copy of message the newest of its topic, whose value was e, nil for
// none.
func (v *lastValues) put(e *lastValue, topic, message []byte) {
	if e == nil {
		e = &lastValue{}
		v.held.Charge(lastValueMemory)
		v.table.Add(topic, e)
	} else {
		v.unlink(e)
	}
	v.held.Charge(-cap(e.wire))
	if room := cap(e.wire); len(message) > room || room > 2*len(message)+16 {
		e.wire = bytes.Clone(message)
	} else {
		e.wire = append(e.wire[:0], message...)
	}
	v.held.Charge(cap(e.wire))
	if e.older = v.newest; e.older != nil {
		e.older.newer = e
	} else {
		v.oldest = e
	}
	v.newest = e
}

// remove lets a topic go.
func (v *lastValues) remove(e *lastValue) {
	v.table.Remove(e.topic())
	v.unlink(e)
	v.held.Charge(-lastValueMemory - cap(e.wire))
}

// unlink takes e out of the order in which the messages came.
func (v *lastValues) unlink(e *lastValue) {
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		v.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		v.newest = e.older
	}
	e.older, e.newer = nil, nil
}

// first returns the first topic that begins with prefix, nil if there is none.
func (v *lastValues) first(prefix []byte) (first *lastValue) {
	v.table.From(prefix, func(e *lastValue) bool {
		if bytes.HasPrefix(e.topic(), prefix) {
			first = e
		}
		return false
	})
	return first
}

// behind returns the topic behind e, nil if there is none.
func (v *lastValues) behind(e *lastValue) (next *lastValue) {
	v.table.From(e.topic(), func(other *lastValue) bool {
		if other != e {
			next = other
		}
		return next == nil
	})
	return next
}
