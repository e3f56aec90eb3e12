package frames

// EncoderOptions are the separators that Text is written with.
type EncoderOptions struct {
	Separator []byte // between frames; nil is a TAB
	Delimiter []byte // behind each message; nil is a line feed
}

// Encoder writes messages as text. It keeps no state between messages and may
// serve several goroutines.
type Encoder struct {
	format               Format
	separator, delimiter []byte
}

// Record is what a line of JSON may say of a message besides its frames.
type Record struct {
	Time string // when it was seen, in the form of RFC 3339
	Peer string // the endpoint of the peer it came from
	From string // the side of a proxy it came from, front or back; else empty
}

// NewEncoder makes an Encoder that writes messages in format f.
func NewEncoder(f Format, o EncoderOptions) *Encoder {
	e := &Encoder{format: f, separator: o.Separator, delimiter: o.Delimiter}
	if e.separator == nil {
		e.separator = []byte{'\t'}
	}
	if e.delimiter == nil {
		e.delimiter = []byte{'\n'}
	}
	return e
}

// Append appends the text of one message in wire form to dst.
func (e *Encoder) Append(dst, message []byte) []byte {
	switch e.format {
	case JSON:
		return append(appendJSONFrames(dst, message), '\n')
	case Hex:
		return appendHexLine(dst, message)
	case Text:
		return append(appendFrames(dst, message, e.separator), e.delimiter...)
	case Raw:
		return appendFrames(dst, message, nil)
	}
	return dst
}

// AppendRecord appends one message in wire form to dst as a record: a line of
// JSON, whatever the format of the Encoder.
func (e *Encoder) AppendRecord(dst []byte, r Record, message []byte) []byte {
	dst = appendJSONFrames(appendRecordHead(dst, r), message)
	return append(dst, '}', '\n')
}

// appendRecordHead appends what stands in front of a record's array of frames.
func appendRecordHead(dst []byte, r Record) []byte {
	dst = append(dst, `{"time":`...)
	dst = AppendJSONString(dst, r.Time)
	dst = append(dst, `,"peer":`...)
	dst = AppendJSONString(dst, r.Peer)
	if r.From != "" {
		dst = append(dst, `,"from":`...)
		dst = AppendJSONString(dst, r.From)
	}
	return append(dst, `,"frames":`...)
}
