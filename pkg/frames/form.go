package frames

import "io"

// form is a row of the table of formats: how messages are written and read in one of
// them, and what it promises. A format is a form in a file of its own, a constant and
// a place in the table.
type form struct {
	name      string
	lossless  bool // see Format.Lossless, and so on
	separated bool
	verbatim  bool
	records   bool

	// encode appends a message, which has a frame, and what ends it.
	encode func(e *Encoder, dst []byte, m Message) []byte
	// encodeRun is encode for the messages of wire, until dst has writeSize bytes or
	// the next is one that may be large. It returns how many bytes of wire and messages
	// it took. Without it, each message is encoded alone.
	encodeRun func(e *Encoder, dst, wire []byte) (_ []byte, size, count int)
	// encodePieces puts a large message into the Encoder's buffer as addFrames does,
	// which writes it piece by piece. Without it, a message is encoded whole.
	encodePieces func(e *Encoder, m Message) error

	// decodeLine appends the message in the line text[:n] to wire. The line has
	// slack after it. count is the number of its frames, 0 for a line that is to be
	// skipped, and size the sum of their lengths.
	decodeLine func(d *Decoder, wire, text []byte, n int) (_ []byte, count, size int, bad *LineError)
	// decodeRun is decodeLine for lines that it takes off r.text, as far as they are
	// whole messages within the limits. Without it, each line is decoded alone.
	decodeRun func(d *Decoder, r *lineRun)
	// decodeAll is set instead where a message does not end with a line: it adds
	// one message made of all the input to b.
	decodeAll func(d *Decoder, b *Batch) error

	// frame makes a frame from an argument of a command line. Without it, the
	// argument is the frame.
	frame func(arg []byte) ([]byte, *LineError)
}

// noForm stands for a number that is no format: nothing is written or read in it.
var noForm = form{ //nolint:gochecknoglobals // a table that is only read
	name:      "unknown",
	encode:    func(_ *Encoder, dst []byte, _ Message) []byte { return dst },
	decodeAll: func(*Decoder, *Batch) error { return io.EOF },
}

// form is the format's row.
func (f Format) form() *form {
	if int(f) < len(forms) {
		return forms[f]
	}
	return &noForm
}
