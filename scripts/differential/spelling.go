//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// greeting returns the greeting of a ZMTP 3.1 peer.
func greeting(mechanism string) []byte {
	b := make([]byte, greetingSize)
	b[0], b[8], b[9], b[10], b[11] = 0xff, 1, 0x7f, 3, 1
	copy(b[12:32], mechanism)
	return b
}

const greetingSize = 64

// oldGreeting returns the greeting of a peer of ZMTP 2.0, up to the number of its type;
// its identity follows in a frame.
func oldGreeting(number byte) []byte {
	return []byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, number}
}

const oldGreetingSize = 12

// oldNumber is the number of a socket type in ZMTP 2.0, or that which libzmq added.
func oldNumber(kind string) byte {
	names := []string{"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"}
	return byte(slices.Index(names, kind))
}

// frame makes a frame, in the short form where that fits.
func frame(flags byte, body []byte) []byte {
	return append(appendHeader(nil, flags, len(body)), body...)
}

// longFrame makes a frame in the long form.
func longFrame(flags byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint64([]byte{flags | flagLong}, uint64(len(body)))
	return append(b, body...)
}

// command makes the frame of a command.
func command(name string, data []byte) []byte {
	return frame(flagCommand, append(append([]byte{byte(len(name))}, name...), data...))
}

// property makes a property of READY.
func property(name, value string) []byte {
	b := append([]byte{byte(len(name))}, name...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

// cutCommand splits the body of a command into its name and data, both empty where
// it is not a command.
func cutCommand(body []byte) (name string, data []byte) {
	if len(body) == 0 || len(body) < 1+int(body[0]) {
		return "", nil
	}
	return string(body[1 : 1+body[0]]), body[1+body[0]:]
}

// properties spells metadata, name by name; ok is false where it is malformed.
func properties(b []byte) (all [][2]string, ok bool) {
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+4 {
			return all, false
		}
		size := uint64(binary.BigEndian.Uint32(b[1+n:]))
		name, rest := string(b[1:1+n]), b[1+n+4:]
		if size > uint64(len(rest)) {
			return all, false
		}
		all = append(all, [2]string{name, string(rest[:size])})
		b = rest[size:]
	}
	return all, true
}

// splitWords splits a line at the spaces outside of quotes.
func splitWords(line string) (words []string, err error) {
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		end := 0
		for end < len(line) && line[end] != ' ' {
			if line[end] != '"' {
				end++
				continue
			}
			quoted, err := strconv.QuotedPrefix(line[end:])
			if err != nil {
				return nil, err
			}
			end += len(quoted)
		}
		words, line = append(words, line[:end]), line[end:]
	}
	return words, nil
}

// quote writes bytes as a string in Go's form, or several, with long runs of one
// byte as "a"*300.
func quote(b []byte) string {
	const long = 24
	var parts []string
	begin, i := 0, 0
	for i < len(b) {
		end := i + 1
		for end < len(b) && b[end] == b[i] {
			end++
		}
		if end-i >= long {
			if i > begin {
				parts = append(parts, strconv.Quote(string(b[begin:i])))
			}
			parts = append(parts, fmt.Sprintf("%q*%d", b[i:i+1], end-i))
			begin = end
		}
		i = end
	}
	if begin < len(b) || len(b) == 0 {
		parts = append(parts, strconv.Quote(string(b[begin:])))
	}
	return strings.Join(parts, "+")
}

// unquote is the reverse of quote.
func unquote(word string) (b []byte, err error) {
	for {
		quoted, err := strconv.QuotedPrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%s does not begin with a quoted string", word)
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		word = word[len(quoted):]
		times := 1
		if count, repeated := strings.CutPrefix(word, "*"); repeated {
			count, _, _ = strings.Cut(count, "+")
			times, err = strconv.Atoi(count)
			if err != nil || times < 0 || times*len(text) > 1<<24 {
				return nil, fmt.Errorf("%q is not a number of times", count)
			}
			word = word[1+len(count):]
		}
		b = append(b, strings.Repeat(text, times)...)
		if word == "" {
			return b, nil
		}
		if word[0] != '+' {
			return nil, fmt.Errorf("%s stands behind a string", word)
		}
		word = word[1:]
	}
}

// parseBytes is the reverse of spellBytes.
func parseBytes(words []string) ([]byte, error) {
	switch {
	case len(words) == 1 && words[0] == "greeting":
		return greeting("NULL"), nil
	case len(words) == 2 && words[0] == "raw":
		return unquote(words[1])
	case len(words) == 3 && words[0] == "frame":
		flags, err := strconv.ParseUint(words[1], 16, 8)
		if err != nil {
			return nil, err
		}
		body, err := unquote(words[2])
		if err != nil {
			return nil, err
		}
		if flags&flagLong != 0 {
			return longFrame(byte(flags), body), nil
		}
		if len(body) > 255 {
			return nil, errors.New("a frame of more than 255 bytes needs the flag 02")
		}
		return frame(byte(flags), body), nil
	}
	return nil, fmt.Errorf("expected greeting, frame FLAGS %q or raw %q", "body", "bytes")
}
