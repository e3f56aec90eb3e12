package transport

import (
	"fmt"
	"strings"
	"unicode"
)

// exampleTCP is the hint where the text suggests no better one.
const exampleTCP = "tcp://127.0.0.1:5555"

// The longest endpoint and the longest name of a host (RFC 1035) in bytes.
const (
	maxText = 1024
	maxHost = 253
)

// Parse reads an endpoint:
//
//	tcp://HOST:PORT             a name, IPv4, [IPv6], or * for every interface;
//	                            port * or 0 for any free one
//	tcp://SOURCE:PORT;HOST:PORT connects from an IP address or an interface
//	ipc://PATH                  a unix socket; ipc://* binds a temporary path
//	ipc://@NAME                 in Linux's abstract namespace
//	inproc://NAME               within this process
//	ws://HOST:PORT/PATH         WebSocket, with the hosts and ports of tcp; the path is / if not given
//	fd://N, fd://NAME           binds a descriptor that listens already; NAME is systemd's
//
// and the short forms "HOST:PORT", ":PORT" and "tcp://:PORT" (loopback), "*:PORT",
// "@NAME", "/PATH", "./PATH" and "../PATH". Whether it can be bound or connected to is
// another question: see CheckBind and CheckConnect.
func Parse(text string) (Endpoint, error) {
	// A line break would split the line of a file that lists endpoints, an escape
	// would act on a terminal that shows one.
	if strings.ContainsFunc(text, unicode.IsControl) {
		return Endpoint{}, refuse(text, "it holds a control character", exampleTCP)
	}
	if len(text) > maxText {
		what := fmt.Sprintf("it has %d bytes, more than %d", len(text), maxText)
		return Endpoint{}, refuse(text[:32]+"...", what, exampleTCP)
	}
	if err := misspelt(text); err != nil {
		return Endpoint{}, err
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found || isPath(text) {
		return parseShort(text)
	}
	if t, known := transportOf(scheme); known {
		return t.parse(text, rest)
	}
	what := fmt.Sprintf("unknown scheme %q, there are %s", scheme, schemes())
	switch strings.ToLower(scheme) {
	case "wss", "wss+unix":
		what = "ws:// has no TLS: a TLS proxy in front of it speaks wss://, and CURVE encrypts without one"
	case "ws+unix":
		what = "ws:// is over tcp; between processes of one machine, ipc needs no WebSocket"
	}
	return Endpoint{}, refuse(text, what, firstThatParses(respelt(scheme, rest)...))
}

// parseShort reads an endpoint without a scheme.
func parseShort(text string) (Endpoint, error) {
	for _, t := range transports() {
		if t.short(text) {
			return t.parse(text, text)
		}
	}
	guesses := []string{":" + text, "tcp://" + text, "tcp://" + strings.Join(strings.Fields(text), ":")}
	if scheme, rest, found := cutMistyped(text); found {
		guesses = respelt(scheme, rest)
	} else if scheme, rest, found := cutScheme(text); found {
		guesses = respelt(scheme, rest)
	} else if strings.ContainsRune(text, '/') {
		guesses = append(guesses, "ipc://"+text)
	}
	return Endpoint{}, refuse(text, "it has no scheme", firstThatParses(guesses...))
}

// firstThatParses returns the first guess that is an endpoint, else an example of
// one.
func firstThatParses(guesses ...string) string {
	for _, guess := range guesses {
		if e, err := Parse(guess); err == nil {
			return e.String()
		}
	}
	return exampleTCP
}

// EndpointError holds the reason why an endpoint cannot be used.
type EndpointError struct {
	Endpoint string
	Reason   string
	Hint     string // an endpoint that would have worked
	// More are the other endpoints, where Endpoint is a list of them.
	More []string
}

func (e *EndpointError) Error() string {
	return fmt.Sprintf("endpoint %q: %s; try %s", e.Endpoint, e.Reason, strings.Join(append([]string{e.Hint}, e.More...), " and "))
}

// refuse makes the error for an endpoint that cannot be used: its fault, and an
// endpoint that would have worked.
func refuse(text, what, hint string) error {
	return &EndpointError{Endpoint: text, Reason: what, Hint: hint}
}
