package frames

import (
	"bytes"
	"errors"
	"fmt"
)

// Format is one of the text forms of a message.
type Format uint8

// The formats. Whatever JSON and Hex write, they read back byte for byte.
const (
	JSON Format = iota // a line of JSON: ["frame",{"hex":"00ff"}]
	Hex                // a line of hex digits, a space between frames, - for an empty one
	Text               // a line of text as it is, a TAB between frames
	Raw                // the bytes of the frames and nothing else; all of the input is one frame
)

// String is the name of the format, in lower case.
func (f Format) String() string {
	switch f {
	case JSON:
		return "json"
	case Hex:
		return "hex"
	case Text:
		return "text"
	case Raw:
		return "raw"
	}
	return "unknown"
}

// ParseFormat finds a format by its name.
func ParseFormat(name string) (Format, error) {
	for f := JSON; f <= Raw; f++ {
		if name == f.String() {
			return f, nil
		}
	}
	return 0, fmt.Errorf("unknown format %q: expected json, hex, text or raw", name)
}

// EncodeMessage is the text of one message, with its line's end.
func EncodeMessage(f Format, m Message, o EncoderOptions) []byte {
	return NewEncoder(nil, f, o).Append(nil, m)
}

// DecodeMessage reads text that holds exactly one message, with or without a
// line's end. The message shares no memory with text. Bad text is a *LineError.
func DecodeMessage(f Format, text []byte, o DecoderOptions) (Message, error) {
	d := NewDecoder(bytes.NewReader(text), f, o)
	d.lines.buf = make([]byte, len(text)+1+slack)
	var b Batch
	var err error
	for err == nil && b.Len() < 2 {
		err = d.decode(&b, 1)
	}
	var bad *LineError
	switch {
	case b.Len() > 1:
		bad = &LineError{Reason: "expected one message, found more than one"}
	case errors.As(err, &bad):
		if bad.Line == 1 {
			bad.Line = 0
		}
	case b.Len() == 0:
		bad = &LineError{Reason: "expected a message, found none"}
	default:
		return b.Next(), nil
	}
	return nil, bad
}

// ParseArgs makes a message of the arguments of a command line, one frame each:
// text, or hex where f is Hex, with - or nothing for an empty frame.
func ParseArgs(f Format, args []string, o DecoderOptions) (Message, error) {
	m := make(Message, len(args))
	for i, arg := range args {
		m[i] = []byte(arg)
		if f != Hex {
			continue
		}
		if arg == "-" {
			arg = ""
		}
		body, digits := m[i][:len(arg)/2], []byte(arg)
		if at, reason := decodeHex(body, digits); reason != "" {
			return nil, fmt.Errorf("frame %d: %w", i+1, &LineError{Column: at + 1, Reason: reason})
		}
		m[i] = body
	}
	if bad := o.check(len(m), m.Size()); bad != nil {
		return nil, bad
	}
	return m, nil
}
