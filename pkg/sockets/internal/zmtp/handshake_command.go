package zmtp

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// maxHandshakeCommand is the largest body of a handshake command in bytes. CURVE's
// INITIATE, the largest one, has 257 bytes and the metadata.
const maxHandshakeCommand = 4 << 10

// readCommand reads the next command of the script and returns it as a frame.
func (g *guard) readCommand() ([]byte, *HandshakeError) {
	if len(g.script) == 0 {
		return nil, protocolFailure("the mechanism %s waits for more than its last command", g.mechanism)
	}
	if g.peer.old() {
		return g.readOld()
	}
	due := g.script[0]
	body, failed := g.readFrame(due)
	if failed != nil {
		return nil, failed
	}
	if refused := g.parseRefusal(string(body)); refused != nil {
		return nil, refused
	}
	name, data, ok := cutName(body)
	if !ok {
		return nil, protocolFailure("malformed command where %s was due", due).as(CodeMalformedCommand)
	}
	if due == zmq4.CmdWelcome && string(name) == zmq4.CmdHello {
		return nil, g.sameRole()
	}
	if string(name) != due {
		return nil, protocolFailure("command %s where %s was due", printable(string(name)), due).as(CodeUnexpectedCommand)
	}
	g.script = g.script[1:]
	if len(g.script) > 0 || !g.inClear {
		return handshakeFrame(due, data), nil
	}
	if up, ok := g.Conn.(transport.Upgraded); ok {
		g.config.untyped = up.Untyped()
	}
	if failed := g.config.judge(&g.peer, data); failed != nil {
		return nil, failed
	}
	return handshakeFrame(due, appendProperty(nil, property{socketTypeProperty, g.peer.Type})), nil
}

// readFrame reads a command frame and returns its body, which is valid until the
// next fill. The size is checked before anything is allocated for it.
func (g *guard) readFrame(due string) ([]byte, *HandshakeError) {
	for {
		header, size, err := checkHandshakeHeader(g.in)
		if errors.Is(err, errMessage) {
			return nil, protocolFailure("%w where %s was due", err, due).as(CodeUnexpectedCommand)
		}
		if err != nil {
			return nil, protocolFailure("%w where %s was due", err, due).as(CodeMalformedCommand)
		}
		if end := header + size; header > 0 && len(g.in) >= end {
			body := g.in[header:end]
			g.in = g.in[end:]
			return body, g.speakLast()
		}
		err = g.fill()
		if errors.Is(err, os.ErrDeadlineExceeded) && g.speakUnheard() {
			g.flush()
			continue
		}
		if err != nil {
			return nil, g.silent(due, err)
		}
	}
}

// silent is the failure of a peer from which a command was due. One that hangs up
// before the first command that a server waits for has left on purpose.
func (g *guard) silent(due string, err error) *HandshakeError {
	first := handshakeScript(zmq4.SecurityType(g.mechanism), true)[0]
	gone := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
	if gone && len(g.in) == 0 && due == first && g.config != nil && g.config.Server {
		return &HandshakeError{Kind: FailureLost, Err: ErrLeft}
	}
	stage := "waiting for " + due
	switch {
	case due == zmq4.CmdWelcome && g.mechanism == string(zmq4.CurveSecurity):
		stage += " (does the server have another key than expected?)" // libzmq then closes at once
	case due == zmq4.CmdHello && g.config != nil && !g.config.Bound:
		stage += " (is the peer a server too?)" // libzmq does not tell
	}
	failed := lost(stage, err)
	failed.Unwelcomed = due == zmq4.CmdWelcome && gone
	return failed
}

// errMessage is the error of a frame that is no command.
var errMessage = errors.New("message")

// checkHandshakeHeader returns the sizes of a frame's header and body in bytes;
// header is 0 until all of it has arrived.
func checkHandshakeHeader(b []byte) (header, size int, err error) {
	if len(b) == 0 {
		return 0, 0, nil
	}
	switch flags := b[0]; {
	case flags&^(framing.FlagMore|framing.FlagLong|framing.FlagCommand) != 0:
		return 0, 0, fmt.Errorf("frame with reserved flags (%02x)", flags)
	case flags&framing.FlagCommand == 0:
		return 0, 0, errMessage
	case flags&framing.FlagMore != 0:
		return 0, 0, errors.New("command with the MORE flag")
	}
	_, n, header := framing.ParseHeader(b)
	if n > maxHandshakeCommand {
		return 0, 0, fmt.Errorf("command of %d bytes, more than %d,", n, maxHandshakeCommand)
	}
	return header, int(n), nil
}

// handshakeFrame returns a command as a frame.
func handshakeFrame(name string, data []byte) []byte {
	size := 1 + len(name) + len(data)
	b := framing.AppendHeader(make([]byte, 0, framing.MaxHeader+size), framing.FlagCommand, size)
	b = append(b, byte(len(name)))
	b = append(b, name...)
	return append(b, data...)
}

// parseRefusal returns the failure that the body of an ERROR command stands for,
// nil for any other command. libzmq's PLAIN server writes ^RROR for 05 ERROR.
func (g *guard) parseRefusal(body string) *HandshakeError {
	reason, ok := strings.CutPrefix(body, "\x05ERROR")
	if !ok && g.mechanism == string(zmq4.PlainSecurity) {
		reason, ok = strings.CutPrefix(body, "^RROR")
	}
	switch {
	case !ok:
		return nil
	case reason == "" || int(reason[0]) != len(reason)-1:
		return protocolFailure("malformed ERROR command: %s", printable(reason)).as(CodeMalformedError)
	}
	failed := &HandshakeError{Kind: FailureRefused}
	switch reason = reason[1:]; reason { // the status codes of RFC 27
	case "300":
		failed.Status, failed.Err = 300, errors.New("the peer refused us: it cannot authenticate at present (300)")
	case "400":
		failed.Status, failed.Err = 400, errors.New("the peer refused us: authentication failed (400)")
	case "500":
		failed.Status, failed.Err = 500, errors.New("the peer refused us: its authentication is broken (500)")
	default:
		failed.Err = fmt.Errorf("the peer refused us: %q", reason)
	}
	return failed
}
