package frames

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
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

// forms is the table of formats. Each row stands in the file of its format.
var forms = [...]*form{JSON: &jsonForm, Hex: &hexForm, Text: &textForm, Raw: &rawForm} //nolint:gochecknoglobals // a table that is only read

// Formats lists the formats, the default first.
func Formats() []Format {
	all := make([]Format, len(forms))
	for i := range all {
		all[i] = Format(i)
	}
	return all
}

// String is the name of the format, in lower case.
func (f Format) String() string { return f.form().name }

// Lines reports whether a message ends with its line, by default, so that messages
// can be read one by one. Where they do not, all of the input is one message.
func (f Format) Lines() bool { return f.form().decodeLine != nil }

// Lossless reports whether every message is read back byte for byte.
func (f Format) Lossless() bool { return f.form().lossless }

// Separated reports whether the caller may choose the separators, by EncoderOptions
// and DecoderOptions.
func (f Format) Separated() bool { return f.form().separated }

// Verbatim reports whether the text of a message of one frame is that frame, and
// nothing else.
func (f Format) Verbatim() bool { return f.form().verbatim }

// Records reports whether a Record is a line of this format.
func (f Format) Records() bool { return f.form().records }

// ParseFormat finds a format by its name.
func ParseFormat(name string) (Format, error) {
	names := make([]string, len(forms))
	for i, row := range forms {
		if name == row.name {
			return Format(i), nil
		}
		names[i] = row.name
	}
	last := len(names) - 1
	return 0, fmt.Errorf("unknown format %q: expected %s or %s", name, strings.Join(names[:last], ", "), names[last])
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
	frame := f.form().frame
	for i, arg := range args {
		m[i] = []byte(arg)
		if frame == nil {
			continue
		}
		var bad *LineError
		if m[i], bad = frame(m[i]); bad != nil {
			return nil, fmt.Errorf("frame %d: %w", i+1, bad)
		}
	}
	if bad := o.check(len(m), m.Size()); bad != nil {
		return nil, bad
	}
	if bad := o.checkGroup(m[0]); bad != nil {
		return nil, bad
	}
	return m, nil
}
