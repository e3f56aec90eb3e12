package ws

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it; it protects nothing
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxHead is the largest head of a request or an answer, in bytes. A browser sends the
// cookies of all that runs on a host.
const maxHead = 16 << 10

// head is the head of a request or an answer of HTTP/1.1.
type head struct {
	first  string // the line that it begins with
	fields []field
}

type field struct{ name, value string }

var errHead = errors.New("malformed HTTP")

// parseHead reads the head at the front of b. size is its length in bytes, 0 while b
// holds only a part of it.
func parseHead(b []byte) (h head, size int, err error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if i := bytes.IndexByte(b, '\n'); i == 0 || i > 0 && b[i-1] != '\r' {
		return head{}, 0, errHead // whoever types such lines waits for an answer
	}
	switch {
	case end < 0 && len(b) >= maxHead, end >= maxHead:
		return head{}, 0, fmt.Errorf("a head of HTTP of more than %d bytes", maxHead)
	case end < 0:
		return head{}, 0, nil
	}
	lines := strings.Split(string(b[:end]), "\r\n")
	h.first = lines[0]
	if strings.ContainsFunc(h.first, isControl) {
		return head{}, 0, errHead
	}
	for _, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || strings.ContainsFunc(name, isNoToken) || strings.ContainsFunc(value, isControl) {
			return head{}, 0, errHead
		}
		h.fields = append(h.fields, field{name, strings.Trim(value, " \t")})
	}
	return h, end + len("\r\n\r\n"), nil
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }

// isNoToken reports whether r cannot stand in the name of a field (RFC 9110, 5.6.2).
func isNoToken(r rune) bool {
	isToken := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	return !isToken
}

// get returns the value of a field, the first where there are several, "" where there is none.
func (h *head) get(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// except returns the first value of a field that is not fine.
func (h *head) except(name string, fine func(value string) bool) (value string, found bool) {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) && !fine(f.value) {
			return f.value, true
		}
	}
	return "", false
}

// list returns the parts of a field that is a list, which may come in several lines.
func (h *head) list(name string) []string {
	var all []string
	for _, f := range h.fields {
		if !strings.EqualFold(f.name, name) {
			continue
		}
		for part := range strings.SplitSeq(f.value, ",") {
			if part = strings.Trim(part, " \t"); part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}

// lists reports whether a field that is a list has an entry, in either case.
func (h *head) lists(name, entry string) bool {
	for _, part := range h.list(name) {
		if strings.EqualFold(part, entry) {
			return true
		}
	}
	return false
}

// acceptOf returns the answer to a key (RFC 6455, 4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	return base64.StdEncoding.EncodeToString(sum[:])
}

// isKey reports whether key is one: 16 bytes in base64.
func isKey(key string) bool {
	b, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(b) == 16
}

// greetingFirst is the byte that every greeting of ZMTP begins with.
const greetingFirst = 0xFF

// stranger returns the reason why what begins with b is no HTTP, or nil; it is decided
// at the first bytes, since no more may come.
func stranger(b []byte, isHTTP func(b []byte) bool) *Error {
	const most = 32
	start := strconv.QuoteToASCII(string(b[:min(len(b), most)]))
	if len(b) > most {
		start += "..."
	}
	switch {
	case len(b) == 0:
		return nil
	case b[0] == greetingFirst:
		return &Error{Text: "the peer speaks ZMTP over tcp, and not over WebSocket: both ends need tcp://, or both ws://"}
	case b[0] == 0x16 || b[0] == 0x15:
		return &Error{Text: "the peer speaks TLS, which ws:// does not: for wss:// a TLS proxy stands in front"}
	case !isHTTP(b):
		return &Error{Text: "the peer does not speak WebSocket: it began with " + start}
	}
	return nil
}
