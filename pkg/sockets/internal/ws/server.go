package ws

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Name is how this side names itself in HTTP: see Agreed.Polite.
const Name = "zcat"

// Server has the rules for those who connect.
type Server struct {
	Path      string // of the requests that are served: "/"
	Mechanism string
	// Origins are those of the web pages that may connect, "*" for all. Programs that
	// are no browsers send none, and may always.
	Origins []string
}

// Answer judges the bytes of a request that have arrived. size is the request's length,
// 0 while more has to come; answer is to be sent, if there is one. An answer that comes
// with an error, or with another mechanism than the server's, is the last.
func (s *Server) Answer(b []byte) (size int, answer []byte, agreed Agreed, err *Error) {
	if failed := stranger(b, isRequest); failed != nil {
		if b[0] == greetingFirst { // it names what it meets, where it sees it
			answer, _ = refusal("400 Bad Request", "", "")
		}
		return 0, answer, Agreed{}, failed
	}
	h, size, malformed := parseHead(b)
	switch {
	case malformed != nil:
		answer, err = refusal("400 Bad Request", "", "the peer's request: "+malformed.Error())
		return 0, answer, Agreed{}, err
	case size == 0:
		return 0, nil, Agreed{}, nil
	}
	answer, agreed, err = s.judge(&h)
	return size, answer, agreed, err
}

// longestMethod is that of a method of HTTP, in bytes, with room for some that are made
// up.
const longestMethod = 16

// isRequest reports whether b may be the beginning of a request.
func isRequest(b []byte) bool {
	method, _, whole := bytes.Cut(b, []byte(" "))
	return len(method) <= longestMethod && (len(method) > 0 || !whole) &&
		!bytes.ContainsFunc(method, func(r rune) bool { return r < 'A' || r > 'Z' })
}

func (s *Server) judge(h *head) (answer []byte, agreed Agreed, err *Error) {
	key := h.get("Sec-WebSocket-Key")
	if answer, err = s.refuse(h, key); err != nil {
		return answer, Agreed{}, err
	}
	agent := h.get("User-Agent")
	answer, agreed, err = s.agree(key, h.list("Sec-WebSocket-Protocol"))
	agreed.Polite = err == nil && agent == Name
	return answer, agreed, err
}

// refuse judges all of a request but its subprotocols.
func (s *Server) refuse(h *head, key string) (answer []byte, err *Error) {
	method, rest, _ := strings.Cut(h.first, " ")
	target, protocol, _ := strings.Cut(rest, " ")
	path, _, _ := strings.Cut(target, "?")
	origin, refused := h.except("Origin", s.allows)
	const upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: " + version + "\r\n"
	switch {
	case !strings.HasPrefix(protocol, "HTTP/1."):
		return refusal("400 Bad Request", "", "the peer does not speak HTTP/1.1: "+quoted(h.first))
	case method != "GET" || protocol == "HTTP/1.0" || !h.lists("Upgrade", "websocket") || !h.lists("Connection", "Upgrade"):
		return refusal("426 Upgrade Required", upgrade, "a plain HTTP request, not a WebSocket: "+quoted(h.first))
	case path != s.Path:
		return refusal("404 Not Found", "", fmt.Sprintf("the peer asked for the path %s, this socket is at %s", quoted(path), s.Path))
	case refused:
		answer, err = refusal("403 Forbidden", "", "a web page of the origin "+quoted(origin)+" is not allowed to connect")
		err.Origin = origin
		return answer, err
	case !h.lists("Sec-WebSocket-Version", version):
		return refusal("426 Upgrade Required", upgrade, "the peer speaks another version of WebSocket than "+version)
	case !isKey(key):
		return refusal("400 Bad Request", "", "the peer's request has no Sec-WebSocket-Key of 16 bytes")
	}
	return nil, nil
}

// allows reports whether pages of an origin may connect. Scheme and host have no case.
func (s *Server) allows(origin string) bool {
	return slices.ContainsFunc(s.Origins, func(allowed string) bool {
		return allowed == "*" || strings.EqualFold(withoutPort(allowed), withoutPort(origin))
	})
}

// withoutPort returns an origin without the port that its scheme implies, as browsers
// send it (RFC 6454, 6.2).
func withoutPort(origin string) string {
	scheme, _, _ := strings.Cut(origin, "://")
	switch strings.ToLower(scheme) {
	case "http":
		return strings.TrimSuffix(origin, ":80")
	case "https":
		return strings.TrimSuffix(origin, ":443")
	}
	return origin
}

// agree chooses the first subprotocol of those offered that is ours.
func (s *Server) agree(key string, offered []string) (answer []byte, agreed Agreed, err *Error) {
	own := Protocol + "/" + s.Mechanism
	other := ""
	for _, p := range offered {
		mechanism, hasMechanism := strings.CutPrefix(p, Protocol+"/")
		switch {
		case p == own, p == Protocol && s.Mechanism == mechanismNull:
			b := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
				"Sec-WebSocket-Accept: " + acceptOf(key) + "\r\nSec-WebSocket-Protocol: " + p + "\r\nServer: " + Name + "\r\n\r\n")
			return b, Agreed{Mechanism: s.Mechanism, Plain: p == Protocol}, nil
		case other != "":
		case p == Protocol:
			other = mechanismNull
		case hasMechanism && isMechanism(mechanism):
			other = mechanism
		}
	}
	text := "the peer does not offer the subprotocol " + own
	if len(offered) > 0 {
		text += ", but " + quoted(strings.Join(offered, ", "))
	}
	answer, err = refusal("400 Bad Request", "Sec-WebSocket-Protocol: "+own+"\r\n", text)
	if other != "" {
		return answer, Agreed{Mechanism: other}, nil
	}
	return answer, Agreed{}, err
}

func isMechanism(name string) bool {
	return name == mechanismNull || name == mechanismPlain || name == mechanismCurve
}

// refusal returns the answer that refuses a request, with what it is that answers, and
// the error for this side. Whoever sees the answer is a person.
func refusal(status, fields, text string) ([]byte, *Error) {
	body := "This is a ZeroMQ socket, to which programs connect by WebSocket (ws://, subprotocol " + Protocol + ").\n" +
		"It refused this request: " + status + ".\n"
	connection := "close"
	if strings.HasPrefix(fields, "Upgrade:") {
		connection = "Upgrade, close"
	}
	return []byte("HTTP/1.1 " + status + "\r\n" + fields + "Connection: " + connection + "\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\nServer: " + Name + "\r\n\r\n" + body), &Error{Text: text}
}

// Busy is what a request is answered for which there is no memory.
func Busy() ([]byte, *Error) {
	return refusal("503 Service Unavailable", "", "a long request, while too many others are not whole")
}

// quoted returns what a peer sent in quotes, cut to a length that fits on a line.
func quoted(s string) string {
	const most = 64
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
