package frames

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/internal/vector"
)

// The forms that a line of JSON may have, for messages about other lines.
const (
	wantMessage = `expected an array of frames, a string or a record, as ["a","b"], "a" or {"frames":["a","b"]}`
	wantFrame   = `expected a string, {"hex":...}, {"base64":...} or {"json":...} as a frame`
)

var jsonForm = form{ //nolint:gochecknoglobals // a table that is only read
	name: "json", lossless: true, records: true,
	encode: func(_ *Encoder, dst []byte, m Message) []byte { return append(appendJSONFrames(dst, m), '\n') },
	encodePieces: func(e *Encoder, m Message) error {
		return e.addFrames(m, "[", ",", "]\n", (*Encoder).jsonFrame)
	},
	decodeLine: decodeJSONLine,
	decodeRun:  decodeJSONRun,
	encodeRun:  encodeJSONRun,
}

// appendJSONFrames appends a message to dst as an array of frames.
func appendJSONFrames(dst []byte, m Message) []byte {
	dst = append(dst, '[')
	for _, body := range m {
		dst = append(appendJSONFrame(dst, body), ',')
	}
	dst[len(dst)-1] = ']'
	return dst
}

// appendJSONFrame appends a frame in its one JSON form: a string exactly where
// it is UTF-8, else hex.
func appendJSONFrame(dst, body []byte) []byte {
	start := len(dst)
	dst, ok := appendQuoted(dst, body)
	if ok {
		return dst
	}
	dst = append(dst[:start], `{"hex":"`...)
	return append(vector.AppendHex(dst, body), '"', '}')
}

// jsonFrame encodes a frame in pieces.
func (e *Encoder) jsonFrame(body []byte) error {
	open, end, may, put := `"`, `"`, utf8.RuneStart, appendUnquoted
	if !utf8.Valid(body) {
		open, end, may, put = `{"hex":"`, `"}`, anywhere, vector.AppendHex
	}
	e.buf = append(e.buf, open...)
	if err := e.cut(body, may, put); err != nil {
		return err
	}
	e.buf = append(e.buf, end...)
	return nil
}

// appendUnquoted is appendQuoted for UTF-8 without the quotes.
func appendUnquoted(dst, text []byte) []byte {
	start := len(dst)
	dst, _ = appendQuoted(dst, text)
	return dst[:start+copy(dst[start:], dst[start+1:len(dst)-1])]
}

// jsonParser reads one line of JSON, straight into wire form. A line feed
// stands after the line and nowhere in it, and JSON allows it only between values:
// so no loop needs another bound.
type jsonParser struct {
	src        []byte // the line, a line feed and more
	at         int    // the next byte of src
	len        int    // of the line
	wire       []byte // where frames are added
	header     int    // where the header of the last frame stands in wire
	count      int    // of frames
	size       int    // sum of their lengths
	most       int    // that size may be, 0 for no limit; what is beyond is counted, and not added
	event      bool   // the line is a record of an event, which is no message
	passing    bool   // frames are passed like any other value
	scratch    []byte // the last string that had to be unescaped
	base64     *base64.Encoding
	wantRecord bool
	record     Record
	order      *Order // wanted of each line, nil where none is
	orders     Order  // the one that order points to
	heading    heading
	first      first
}

// decodeJSONLine reads a line of JSON.
func decodeJSONLine(d *Decoder, wire, text []byte, n int) (_ []byte, count, size int, bad *LineError) {
	p := &d.json
	p.src, p.at, p.len = text, 0, n
	p.wire, p.count, p.size, p.most = wire, 0, 0, d.options.MaxSize
	bad = p.line()
	wire = p.wire
	p.src, p.wire = nil, nil
	return wire, p.count, p.size, bad
}

func (p *jsonParser) line() (bad *LineError) {
	switch p.next() {
	case '[':
		bad = p.frames()
	case '"':
		bad = p.frame()
	case '{':
		bad = p.object()
	case '\n':
		return nil
	default:
		return p.expected(wantMessage)
	}
	if bad == nil && p.next() != '\n' {
		return p.expected("expected one message in a line and nothing after it")
	}
	return bad
}

// frames reads an array of frames.
func (p *jsonParser) frames() *LineError {
	p.at++
	if p.next() == ']' {
		return p.fail(p.at, `expected at least one frame; [""] is one empty frame`)
	}
	p.sameFirst()
	for start, before := p.at, len(p.wire); ; {
		if bad := p.frame(); bad != nil {
			return bad
		}
		switch p.next() {
		case ',':
			p.wire[p.header] |= framing.FlagMore
			if p.count == 1 && !p.tooLarge() {
				p.keepFirst(start, before)
			}
			p.at++
			p.next()
		case ']':
			p.at++
			return nil
		default:
			return p.expected("expected , or ] after a frame")
		}
	}
}

// frame reads one frame.
func (p *jsonParser) frame() *LineError {
	switch p.src[p.at] {
	case '{':
		return p.frameObject()
	case '"':
	default:
		return p.expected(wantFrame)
	}
	// Without an escape, the body is the text between the quotes.
	start := p.at + 1
	end, ascii := scanString(p.src, start)
	if body := p.src[start:end]; p.src[end] == '"' && (ascii || utf8.Valid(body)) {
		p.at = end + 1
		p.header = len(p.wire)
		p.count++
		if p.size += len(body); p.tooLarge() {
			body = nil
		}
		p.wire = framing.AppendFrame(p.wire, body, false)
		return nil
	}
	return p.escapedFrame()
}

// tooLarge reports whether the message is larger than it may be.
func (p *jsonParser) tooLarge() bool { return p.most > 0 && p.size > p.most }

// escapedFrame is frame for a string with escapes, whose length is not known in
// advance.
func (p *jsonParser) escapedFrame() *LineError {
	header := len(p.wire)
	wire, bad := p.unescape(append(p.wire, 0, 0))
	if bad != nil {
		return bad
	}
	p.wire = wire
	p.close(header, header+2)
	return nil
}

// close counts a frame whose body is p.wire[body:], with room for a header.
func (p *jsonParser) close(header, body int) {
	p.header = header
	p.count++
	p.size += len(p.wire) - body
	p.wire = framing.CloseFrame(p.wire, header, body)
}

// next skips white space and returns the byte after it, a line feed at the end of
// the line.
func (p *jsonParser) next() byte {
	for {
		c := p.src[p.at]
		if c != ' ' && c != '\t' && c != '\r' {
			return c
		}
		p.at++
	}
}

// expected is the error for something else at p.at.
func (p *jsonParser) expected(what string) *LineError {
	return p.fail(p.at, what+found(p.src[:p.len], p.at))
}

func (p *jsonParser) fail(at int, reason string) *LineError {
	return &LineError{Column: at + 1, Reason: reason}
}
