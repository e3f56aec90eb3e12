package frames

import "bytes"

// maxDepth is the deepest nesting of arrays and objects, as in encoding/json: the
// parser recurses.
const maxDepth = 10000

// value skips any JSON value at p.at.
func (p *jsonParser) value(depth int) *LineError {
	start := p.at
	var ok bool
	switch p.src[p.at] {
	case '[', '{':
		return p.list(depth + 1)
	case '"':
		_, bad := p.text()
		return bad
	case 't':
		ok = p.literal("true")
	case 'f':
		ok = p.literal("false")
	case 'n':
		ok = p.literal("null")
	default:
		ok = p.number()
	}
	if !ok {
		p.at = start
		return p.expected("expected a JSON value")
	}
	return nil
}

// list skips an array or an object.
func (p *jsonParser) list(depth int) *LineError {
	if depth > maxDepth {
		return p.fail(p.at, "expected fewer arrays and objects in one another")
	}
	isObject := p.src[p.at] == '{'
	end, reason := byte(']'), "expected , or ] after a value"
	if isObject {
		end, reason = '}', "expected , or } after a value"
	}
	p.at++
	if p.next() == end {
		p.at++
		return nil
	}
	for {
		if isObject {
			if _, bad := p.key(); bad != nil {
				return bad
			}
		}
		if bad := p.value(depth); bad != nil {
			return bad
		}
		switch p.next() {
		case ',':
			p.at++
			p.next()
		case end:
			p.at++
			return nil
		default:
			return p.expected(reason)
		}
	}
}

func (p *jsonParser) literal(word string) bool {
	ok := bytes.HasPrefix(p.src[p.at:p.len], []byte(word))
	p.at += len(word)
	return ok
}

// number skips a number (RFC 8259, section 6).
func (p *jsonParser) number() bool {
	if p.src[p.at] == '-' {
		p.at++
	}
	if p.src[p.at] == '0' {
		p.at++
	} else if !p.digits() {
		return false
	}
	if p.src[p.at] == '.' {
		p.at++
		if !p.digits() {
			return false
		}
	}
	if p.src[p.at]|0x20 != 'e' {
		return true
	}
	p.at++
	if c := p.src[p.at]; c == '+' || c == '-' {
		p.at++
	}
	return p.digits()
}

// digits skips at least one decimal digit.
func (p *jsonParser) digits() bool {
	start := p.at
	for c := p.src[p.at]; '0' <= c && c <= '9'; c = p.src[p.at] {
		p.at++
	}
	return p.at > start
}

// appendCompact appends a JSON value to dst without its insignificant white
// space; all else stays as it is written.
func appendCompact(dst, value []byte) []byte {
	for len(value) > 0 {
		n := 1
		switch value[0] {
		case ' ', '\t', '\r':
			value = value[1:]
			continue
		case '"':
			for value[n] != '"' {
				if value[n] == '\\' {
					n++
				}
				n++
			}
			n++
		}
		dst = append(dst, value[:n]...)
		value = value[n:]
	}
	return dst
}
