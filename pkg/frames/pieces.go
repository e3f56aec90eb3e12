package frames

import (
	"encoding/hex"
	"unicode/utf8"
)

// A message of many megabytes is written in pieces: as a line of JSON it may be
// six times as long, and nobody needs it whole.

// pieceSize is how much of a frame is written at a time, in bytes of the frame.
const pieceSize = 32 << 10

// Encode is Append for messages of any size. Each time that a piece is done,
// flush is given all there is of dst, and returns what to append the next piece
// to. Its error ends the encoding.
func (e *Encoder) Encode(dst, message []byte, flush func(dst []byte) ([]byte, error)) ([]byte, error) {
	p := pieces{dst: dst, flush: flush}
	switch e.format {
	case JSON:
		p.frames(message, "[", ",", "]\n", p.jsonFrame)
	case Hex:
		p.frames(message, "", " ", "\n", p.hexFrame)
	case Text:
		p.frames(message, "", string(e.separator), string(e.delimiter), p.plainFrame)
	case Raw:
		p.frames(message, "", "", "", p.plainFrame)
	}
	return p.dst, p.err
}

// EncodeRecord is AppendRecord for messages of any size; see Encode.
func (e *Encoder) EncodeRecord(dst []byte, r Record, message []byte, flush func(dst []byte) ([]byte, error)) ([]byte, error) {
	p := pieces{dst: appendRecordHead(dst, r), flush: flush}
	p.frames(message, "[", ",", "]}\n", p.jsonFrame)
	return p.dst, p.err
}

// pieces is a message that is written in pieces.
type pieces struct {
	dst   []byte
	flush func(dst []byte) ([]byte, error)
	err   error
}

// next ends a piece.
func (p *pieces) next() {
	if p.err == nil {
		p.dst, p.err = p.flush(p.dst)
	}
}

func (p *pieces) frames(message []byte, open, between, end string, frame func(body []byte)) {
	p.dst = append(p.dst, open...)
	for more := true; more && p.err == nil; {
		var body []byte
		body, more, message = CutFrame(message)
		frame(body)
		if more {
			p.dst = append(p.dst, between...)
		}
	}
	p.dst = append(p.dst, end...)
}

// cut calls put with body in pieces, which end where cut says that they may.
func (p *pieces) cut(body []byte, may func(next byte) bool, put func(dst, piece []byte) []byte) {
	for len(body) > 0 && p.err == nil {
		n := min(len(body), pieceSize)
		for n < len(body) && !may(body[n]) {
			n--
		}
		p.dst = put(p.dst, body[:n])
		body = body[n:]
		p.next()
	}
}

func anywhere(byte) bool { return true }

func (p *pieces) jsonFrame(body []byte) {
	if !utf8.Valid(body) {
		p.dst = append(p.dst, `{"hex":"`...)
		p.cut(body, anywhere, hex.AppendEncode)
		p.dst = append(p.dst, `"}`...)
		return
	}
	p.dst = append(p.dst, '"')
	p.cut(body, utf8.RuneStart, appendUnquoted)
	p.dst = append(p.dst, '"')
}

// appendUnquoted is appendQuoted for UTF-8 without the quotes.
func appendUnquoted(dst, text []byte) []byte {
	start := len(dst)
	dst, _ = appendQuoted(dst, text)
	return dst[:start+copy(dst[start:], dst[start+1:len(dst)-1])]
}

func (p *pieces) hexFrame(body []byte) {
	if len(body) == 0 {
		p.dst = append(p.dst, emptyFrame)
	}
	p.cut(body, anywhere, hex.AppendEncode)
}

func (p *pieces) plainFrame(body []byte) {
	p.cut(body, anywhere, func(dst, piece []byte) []byte { return append(dst, piece...) })
}
