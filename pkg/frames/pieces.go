package frames

import "github.com/zcat/zcat/pkg/internal/framing"

// A message of many megabytes is written in pieces: as a line of JSON it may be
// six times as long, and nobody needs it whole.

// pieceSize is the part of a frame that is encoded at a time, in bytes of the
// frame.
const pieceSize = 32 << 10

// large reports whether a message is encoded in pieces.
func large(m Message) bool { return m.Size()+framing.MaxHeader*len(m) > pieceSize }

// addFrames encodes a message frame by frame, with the text around and between
// them.
func (e *Encoder) addFrames(m Message, open, between, end string, frame func(e *Encoder, body []byte) error) error {
	e.buf = append(e.buf, open...)
	for i, body := range m {
		if i > 0 {
			e.buf = append(e.buf, between...)
		}
		if err := frame(e, body); err != nil {
			return err
		}
		if err := e.flushPiece(); err != nil { // also for very many small frames
			return err
		}
	}
	e.buf = append(e.buf, end...)
	return nil
}

// cut calls put with body in pieces, which end only where may allows it.
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
