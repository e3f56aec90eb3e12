package view

import (
	"bytes"
	"encoding/json"
)

const (
	// maxJSON is the largest frame that is tried as JSON.
	maxJSON = 64 << 10
	// maxDepth is the number of values inside one another from which a frame is shown as
	// it is: indented, each costs as many bytes as it is deep, and 18 KB of brackets took
	// two seconds and 600 MB.
	maxDepth = 64
)

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
	if depth(trimmed) > maxDepth {
		return nil, false
	}
	var b bytes.Buffer
	if json.Indent(&b, trimmed, "", "  ") != nil {
		return nil, false
	}
	return b.Bytes(), true
}

// depth returns how many objects and arrays of valid JSON stand inside one another.
func depth(text []byte) (most int) {
	now, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			now++
			most = max(most, now)
		case c == ']' || c == '}':
			now--
		}
	}
	return most
}
