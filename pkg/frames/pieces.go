package frames

import (
	"encoding/hex"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// A message of many megabytes is written in pieces: as a line of JSON it may be
// six times as long, and nobody needs it whole.

// pieceSize is how much of a frame is encoded at a time, in bytes of the frame.
const pieceSize = 32 << 10

// large reports whether a message is encoded in pieces.
func large(m Message) bool { return m.Size()+framing.MaxHeader*len(m) > pieceSize }

// addPieces encodes a large message.
func (e *Encoder) addPieces(m Message) error {
	switch e.format {
	case JSON:
		return e.addFrames(m, "[", ",", "]\n", e.jsonFrame)
	case Hex:
		return e.addFrames(m, "", " ", "\n", e.hexFrame)
	case Text:
		return e.addFrames(m, "", string(e.separator), string(e.delimiter), e.plainFrame)
	case Raw:
		return e.addFrames(m, "", "", "", e.plainFrame)
	}
	return nil
}

func (e *Encoder) addFrames(m Message, open, between, end string, frame func(body []byte) error) error {
	e.buf = append(e.buf, open...)
	for i, body := range m {
		if i > 0 {
			e.buf = append(e.buf, between...)
		}
		if err := frame(body); err != nil {
			return err
		}
		if err := e.flushPiece(); err != nil { // for frames beyond number, too
			return err
		}
	}
	e.buf = append(e.buf, end...)
	return nil
}

// cut calls put with body in pieces, which end where may says that they do.
func (e *Encoder) cut(body []byte, may func(next byte) bool, put func(dst, piece []byte) []byte) error {
	for len(body) > 0 {
		n := min(len(body), pieceSize)
		for n < len(body) && !may(body[n]) {
			n--
		}
		e.buf = put(e.buf, body[:n])
		body = body[n:]
		if err := e.flushPiece(); err != nil {
			return err
		}
	}
	return nil
}

func anywhere(byte) bool { return true }

func (e *Encoder) jsonFrame(body []byte) error {
	open, end, may, put := `"`, `"`, utf8.RuneStart, appendUnquoted
	if !utf8.Valid(body) {
		open, end, may, put = `{"hex":"`, `"}`, anywhere, hex.AppendEncode
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

func (e *Encoder) hexFrame(body []byte) error {
	if len(body) == 0 {
		e.buf = append(e.buf, emptyFrame)
	}
	return e.cut(body, anywhere, hex.AppendEncode)
}

func (e *Encoder) plainFrame(body []byte) error {
	return e.cut(body, anywhere, func(dst, piece []byte) []byte { return append(dst, piece...) })
}
