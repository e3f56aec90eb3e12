package frames

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// object reads a record: an object with frames, whose other keys mean nothing
// to a message. One with an event is passed over, whatever else is in it and in
// whatever order: it says what happened beside the messages.
func (p *jsonParser) object() *LineError {
	start, before := p.at, len(p.wire)
	p.event = false
	bad := p.recordObject()
	if bad != nil && !p.event {
		// What is wrong with its frames does not matter where an event stands behind them.
		p.at, p.passing = start, true
		again := p.recordObject()
		if p.passing = false; again == nil && p.event {
			bad = nil
		}
	}
	if bad == nil && p.event {
		p.wire, p.count, p.size, p.record = p.wire[:before], 0, 0, Record{}
	}
	return bad
}

func (p *jsonParser) recordObject() *LineError {
	start, hint := p.at, false
	again := p.sameHeading()
	if !again {
		p.at++
		if p.next() == '}' {
			return p.fail(start, wantMessage+", found an empty object")
		}
	}
	for {
		var bad *LineError
		if again {
			bad, again = p.recordFrames(start), false
		} else {
			bad = p.member(start, &hint)
		}
		if bad != nil {
			return bad
		}
		switch p.next() {
		case ',':
			p.at++
			p.next()
		case '}':
			p.at++
			return p.needFrames(start, hint)
		default:
			return p.expected("expected , or } after a value")
		}
	}
}

// member reads a key and its value, of the record that begins at start. hint is set
// where the record looks like a frame.
func (p *jsonParser) member(start int, hint *bool) *LineError {
	at := p.at
	key, bad := p.key()
	if bad != nil {
		return bad
	}
	if read, bad := p.orderString(key); read || bad != nil {
		return bad
	}
	switch string(key) {
	case "frames":
		p.keepHeading(start)
		return p.recordFrames(at)
	case "event":
		p.event = p.event || p.src[p.at] == '"'
		return p.value(1)
	case "time":
		return p.recordString(&p.record.Time)
	case "peer":
		return p.recordString(&p.record.Peer)
	case "endpoint":
		return p.recordString(&p.record.Endpoint)
	case "user":
		return p.recordString(&p.record.User)
	case "from":
		return p.recordString(&p.record.From)
	case "to":
		return p.recordString(&p.record.To)
	case "hex", "base64", "json":
		*hint = true
	}
	return p.value(1)
}

// recordFrames reads the frames of a record, whose key stands at keyAt.
func (p *jsonParser) recordFrames(keyAt int) *LineError {
	switch {
	case p.event, p.passing:
		return p.value(1)
	case p.count > 0:
		return p.fail(keyAt, `expected "frames" once in a record`)
	case p.src[p.at] != '[':
		return p.expected(`expected an array of frames, as {"frames":["a","b"]}`)
	}
	return p.frames()
}

func (p *jsonParser) needFrames(start int, hint bool) *LineError {
	switch {
	case p.count > 0, p.event, p.steered():
		return nil
	case hint:
		return p.fail(start, `expected an array around a frame, as [{"hex":"00ff"}]`)
	}
	return p.fail(start, `expected "frames" in a record, as {"frames":["a","b"]}`)
}

// recordString reads the value of a key that DecodeRecord returns. A value that is
// no string is skipped like any other value.
func (p *jsonParser) recordString(field *string) *LineError {
	if !p.wantRecord || p.src[p.at] != '"' {
		return p.value(1)
	}
	text, bad := p.text()
	*field = string(text)
	return bad
}

// frameObject reads a frame that is written as an object of one key.
func (p *jsonParser) frameObject() *LineError {
	p.at++
	if p.next() != '"' {
		return p.expected(wantFrame)
	}
	at := p.at
	key, bad := p.key()
	if bad != nil {
		return bad
	}
	switch string(key) {
	case "hex":
		bad = p.hexFrame()
	case "base64":
		bad = p.base64Frame()
	case "json":
		bad = p.jsonFrame()
	default:
		return p.fail(at, wantFrame+", found another key")
	}
	if bad != nil {
		return bad
	}
	if p.next() != '}' {
		return p.expected("expected } after the one value of a frame")
	}
	p.at++
	return nil
}

// key reads a key and its colon, up to the value. The key is a view that the
// next string ends.
func (p *jsonParser) key() ([]byte, *LineError) {
	if p.src[p.at] != '"' {
		return nil, p.expected("expected a key in quotes")
	}
	key, bad := p.text()
	if bad != nil {
		return nil, bad
	}
	if p.next() != ':' {
		return nil, p.expected("expected : after a key")
	}
	p.at++
	p.next()
	return key, nil
}

// hexFrame reads the value of {"hex":...}.
func (p *jsonParser) hexFrame() *LineError {
	start := p.at
	if p.src[start] != '"' {
		return p.expected(`expected hex digits in quotes, as {"hex":"00ff"}`)
	}
	digits, bad := p.text()
	if bad != nil {
		return bad
	}
	n := len(digits) / 2
	header := len(p.wire)
	wire := slices.Grow(framing.AppendHeader(p.wire, 0, n), n)
	body := len(wire)
	p.wire = wire[:body+n]
	if at, reason := decodeHex(p.wire[body:], digits); reason != "" {
		return p.failInside(start, digits, at, reason)
	}
	p.header = header
	p.count++
	p.size += n
	return nil
}

// base64Frame reads the value of {"base64":...}, with the alphabet and padding
// of RFC 4648, section 4.
func (p *jsonParser) base64Frame() *LineError {
	start := p.at
	if p.src[start] != '"' {
		return p.expected(`expected base64 in quotes, as {"base64":"AP8="}`)
	}
	text, bad := p.text()
	if bad != nil {
		return bad
	}
	if p.base64 == nil {
		p.base64 = base64.StdEncoding.Strict()
	}
	header := len(p.wire)
	body := header + 2
	room := p.base64.DecodedLen(len(text))
	p.wire = slices.Grow(p.wire, 2+room)[:body+room]
	n, err := p.base64.Decode(p.wire[body:], text)
	at := bytes.IndexAny(text, "\r\n") // which the package skips
	if err != nil {
		var corrupt base64.CorruptInputError
		errors.As(err, &corrupt)
		at = int(corrupt)
	}
	if at >= 0 {
		return p.failInside(start, text, at, `expected base64 with its padding, as "AP8="`)
	}
	p.wire = p.wire[:body+n]
	p.close(header, body)
	return nil
}

// jsonFrame reads the value of {"json":...}.
func (p *jsonParser) jsonFrame() *LineError {
	start := p.at
	if bad := p.value(1); bad != nil {
		return bad
	}
	header := len(p.wire)
	p.wire = appendCompact(append(p.wire, 0, 0), p.src[start:p.at])
	p.close(header, header+2)
	return nil
}

// failInside is the error for text[at] in the string at start, or for the
// string where escapes hide the place.
func (p *jsonParser) failInside(start int, text []byte, at int, reason string) *LineError {
	if raw := p.at - start - 2; raw != len(text) {
		return p.fail(start, reason)
	}
	return p.fail(start+1+at, reason)
}
