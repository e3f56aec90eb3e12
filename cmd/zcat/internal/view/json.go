package view

import (
	"bytes"
	"encoding/json"
)

// maxJSON is the largest frame that is tried as JSON.
const maxJSON = 64 << 10

// indented lays out an object or an array of JSON. What is flat and fits a line of
// the page stays on one line.
func (p *page) indented(frame []byte) (pretty []byte, ok bool) {
	if len(frame) > maxJSON && !p.full {
		return nil, false
	}
	trimmed := bytes.TrimSpace(frame)
	if len(trimmed) < 2 || trimmed[0] != '{' && trimmed[0] != '[' || !json.Valid(trimmed) {
		return nil, false
	}
	if len(frame) <= p.room() && bytes.Count(trimmed, []byte{'{'})+bytes.Count(trimmed, []byte{'['}) == 1 &&
		bytes.IndexByte(trimmed, '\n') < 0 {
		return frame, true
	}
	var b bytes.Buffer
	if json.Indent(&b, trimmed, "", "  ") != nil {
		return nil, false
	}
	return b.Bytes(), true
}
