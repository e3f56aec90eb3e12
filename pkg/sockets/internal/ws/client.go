package ws

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// Client asks a server for a WebSocket.
type Client struct {
	Host string // with the port
	Path string
	// Mechanism is this side's; empty offers all, to find out the server's.
	Mechanism string
	// Chosen is the subprotocol that the server named, once its answer was judged.
	Chosen string

	key string
}

// Request returns the request.
func (c *Client) Request() []byte {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // it never fails
	c.key = base64.StdEncoding.EncodeToString(nonce[:])
	return []byte("GET " + c.Path + " HTTP/1.1\r\nHost: " + c.Host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + c.key + "\r\nSec-WebSocket-Protocol: " + strings.Join(c.offer(), ",") + "\r\n" +
		"Sec-WebSocket-Version: " + version + "\r\nUser-Agent: " + Name + "\r\n\r\n")
}

// offer lists the subprotocols to choose from.
func (c *Client) offer() []string {
	switch c.Mechanism {
	case mechanismNull:
		return []string{Protocol + "/" + mechanismNull, Protocol}
	case "":
		return []string{Protocol + "/" + mechanismNull, Protocol + "/" + mechanismPlain, Protocol + "/" + mechanismCurve, Protocol}
	}
	return []string{Protocol + "/" + c.Mechanism}
}

// isResponse reports whether b may be the beginning of an answer.
func isResponse(b []byte) bool {
	const start = "HTTP/1."
	return bytes.HasPrefix(b, []byte(start)[:min(len(b), len(start))])
}

// Judge judges the bytes of the answer that have arrived. size is the answer's length,
// 0 while more has to come.
func (c *Client) Judge(b []byte) (size int, agreed Agreed, err *Error) {
	if err := stranger(b, isResponse); err != nil {
		return 0, Agreed{}, err
	}
	h, size, malformed := parseHead(b)
	switch {
	case malformed != nil:
		return 0, Agreed{}, &Error{Text: "the server's answer: " + malformed.Error()}
	case size == 0:
		return 0, Agreed{}, nil
	}
	if agreed, err = c.judge(&h); err != nil {
		err.Declined = true
	}
	return size, agreed, err
}

func (c *Client) judge(h *head) (Agreed, *Error) {
	_, status, _ := strings.Cut(h.first, " ")
	code, _, _ := strings.Cut(status, " ")
	chosen := h.get("Sec-WebSocket-Protocol")
	c.Chosen = chosen
	server := h.get("Server")
	mechanism, _ := strings.CutPrefix(chosen, Protocol+"/")
	if code != "101" {
		if code == "400" && isMechanism(mechanism) && mechanism != c.Mechanism {
			return Agreed{Mechanism: mechanism}, nil // what it would have been
		}
		return Agreed{}, c.refused(h, code, status)
	}
	accept := h.get("Sec-WebSocket-Accept")
	switch {
	case !h.lists("Upgrade", "websocket") || !h.lists("Connection", "Upgrade") || accept != acceptOf(c.key):
		return Agreed{}, &Error{Text: "the server's answer is not that of a WebSocket"}
	case chosen == "":
		return Agreed{}, &Error{Text: "the server speaks WebSocket, but not the subprotocol " + Protocol + ": it is no ZeroMQ socket"}
	case chosen == Protocol && (c.Mechanism == mechanismNull || c.Mechanism == ""):
		return Agreed{Mechanism: mechanismNull, Plain: true, Polite: server == Name}, nil
	case isMechanism(mechanism):
		return Agreed{Mechanism: mechanism, Polite: server == Name}, nil
	}
	return Agreed{}, &Error{Text: fmt.Sprintf("the server chose the subprotocol %s, which was not offered", quoted(chosen))}
}

// refused is the error of an answer that is no WebSocket.
func (c *Client) refused(h *head, code, status string) *Error {
	err := &Error{Temporary: strings.HasPrefix(code, "5") || code == "429"}
	versions, chosen := h.list("Sec-WebSocket-Version"), h.get("Sec-WebSocket-Protocol")
	switch {
	case len(versions) > 0 && !slices.Contains(versions, version):
		err.Text = fmt.Sprintf("the server speaks version %s of WebSocket, this side %s", quoted(strings.Join(versions, ", ")), version)
		return err
	case chosen != "" && !slices.Contains(c.offer(), chosen):
		err.Text = fmt.Sprintf("the server answered %s: it speaks the subprotocol %s, this side %s", quoted(status), quoted(chosen), Protocol)
		return err
	}
	switch code {
	case "404":
		err.Text = fmt.Sprintf("the server has nothing at the path %s (404)", c.Path)
	case "401", "403":
		err.Text = fmt.Sprintf("the server refused us (%s)", code)
	default:
		err.Text = fmt.Sprintf("the server answered %s: it is a web server, or refused the WebSocket", quoted(status))
	}
	return err
}
