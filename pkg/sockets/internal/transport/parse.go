package transport

import (
	"fmt"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"unicode"
)

// exampleTCP is the hint where the text gives no better one.
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
	switch {
	case !found || isPath(text):
		return parseShort(text)
	case scheme == schemeTCP:
		return parseTCP(text, rest)
	case scheme == schemeIPC:
		return parseIPC(text, rest)
	case scheme == schemeInproc:
		if rest == "" {
			return Endpoint{}, refuse(text, "it has no name", "inproc://name")
		}
		return Endpoint{scheme: schemeInproc, name: rest}, nil
	}
	what := fmt.Sprintf("unknown scheme %q, there are tcp, ipc and inproc", scheme)
	return Endpoint{}, refuse(text, what, firstThatParses(respelt(scheme, rest)...))
}

// parseShort reads an endpoint without a scheme.
func parseShort(text string) (Endpoint, error) {
	switch {
	case strings.HasPrefix(text, ":"), strings.HasPrefix(text, "*:"):
		return parseTCP(text, text)
	case isPath(text):
		return parseIPC(text, text)
	case isHostPort(text):
		return parseTCP(text, text)
	}
	guesses := []string{":" + text, "tcp://" + text, "tcp://" + strings.Join(strings.Fields(text), ":")}
	if scheme, rest, found := cutScheme(text); found {
		guesses = respelt(scheme, rest)
	} else if strings.ContainsRune(text, '/') {
		guesses = append(guesses, "ipc://"+text)
	}
	return Endpoint{}, refuse(text, "it has no scheme", firstThatParses(guesses...))
}

// firstThatParses is the first guess of what was meant that is an endpoint, else
// an example of one.
func firstThatParses(guesses ...string) string {
	for _, guess := range guesses {
		if e, err := Parse(guess); err == nil {
			return e.String()
		}
	}
	return exampleTCP
}

// isPath reports whether text is the short form of an ipc endpoint.
func isPath(text string) bool {
	for _, prefix := range []string{"@", "/", "./", "../"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// isHostPort reports whether text is meant for HOST:PORT, and not for a scheme
// whose slashes were forgotten, or a path.
func isHostPort(text string) bool {
	_, _, isScheme := cutScheme(text)
	return strings.Contains(text, ":") && !isScheme && !strings.ContainsAny(text, "/;")
}

// parseIPC reads the part of an ipc endpoint behind its scheme.
func parseIPC(text, path string) (Endpoint, error) {
	const example = "ipc:///tmp/zcat.sock"
	switch {
	case path == "":
		return Endpoint{}, refuse(text, "it has no path", example)
	case path == "@":
		return Endpoint{}, refuse(text, "the abstract name is empty", "ipc://@name")
	case len(path) > maxPath():
		what := fmt.Sprintf("the path has %d bytes and a unix socket's at most %d", len(path), maxPath())
		return Endpoint{}, refuse(text, what, example)
	}
	return Endpoint{scheme: schemeIPC, name: path}, nil
}

// maxPath is how many bytes sockaddr_un takes for a path, less the final NUL.
func maxPath() int {
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		return 107
	}
	return 103
}

// parseTCP reads the part of a tcp endpoint behind its scheme.
func parseTCP(text, rest string) (Endpoint, error) {
	e := Endpoint{scheme: schemeTCP}
	source, target, found := strings.Cut(rest, ";")
	if !found {
		target = source
	}
	var err error
	if e.to, err = parseHostPort(text, target); err != nil {
		return Endpoint{}, err
	}
	if found {
		if e.from, err = parseHostPort(text, source); err != nil {
			return Endpoint{}, err
		}
	}
	return e, nil
}

// parseHostPort reads HOST:PORT; an empty host is loopback. text is the whole
// endpoint, for the error.
func parseHostPort(text, s string) (hostPort, error) {
	if s == "" {
		return hostPort{}, refuse(text, "it has no host and no port", exampleTCP)
	}
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || strings.HasSuffix(s, "]") {
		return hostPort{}, refuse(text, "it has no port", hint(s, 5555))
	}
	host, port := s[:colon], s[colon+1:]
	n, err := strconv.ParseUint(port, 10, 16)
	switch {
	case port == "":
		return hostPort{}, refuse(text, "it has no port", hint(host, 5555))
	case err != nil && port != "*":
		what, better := fmt.Sprintf("the port %q is not a number from 0 to 65535, nor *", port), uint64(5555)
		if digits, _, isPath := strings.Cut(port, "/"); isPath {
			if n, err := strconv.ParseUint(digits, 10, 16); err == nil {
				what, better = "it has more behind the port than a tcp endpoint takes", n
			}
		}
		return hostPort{}, refuse(text, what, hint(host, uint16(better)))
	}
	canonical, what := parseHost(host)
	if what != "" {
		return hostPort{}, refuse(text, what, hint(host, uint16(n)))
	}
	return hostPort{host: canonical, port: uint16(n)}, nil
}

// parseHost brings a host into its canonical form, or says what is wrong with it.
func parseHost(host string) (canonical, what string) {
	if len(host) > maxHost {
		return "", fmt.Sprintf("the host has %d bytes, more than %d", len(host), maxHost)
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	if bracketed {
		inner, bracketed = strings.CutSuffix(inner, "]")
		if addr, err := netip.ParseAddr(inner); bracketed && err == nil && addr.Is6() && isName(addr.Zone()) {
			return addr.String(), ""
		}
		return "", fmt.Sprintf("%q is not an IPv6 address in brackets", host)
	}
	if host == "" {
		return "127.0.0.1", ""
	}
	if host == "*" {
		return host, ""
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Is4() {
			return addr.String(), ""
		}
		return "", "an IPv6 address stands in brackets"
	}
	if !isName(host) {
		return "", fmt.Sprintf("%q is not a host name", host)
	}
	// A mistyped address would go to a name server and come back, late, as an
	// unknown host.
	if strings.Trim(host, "0123456789.") == "" {
		return "", fmt.Sprintf("%q is not an IPv4 address", host)
	}
	return host, ""
}

// isName reports whether s has only what names of hosts, interfaces and IPv6
// zones are made of. The empty name is one: no zone.
func isName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r) || r == unicode.ReplacementChar
	})
}

// hint makes a tcp endpoint that works of what was right in one that does not.
func hint(host string, port uint16) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		host = "[" + host + "]"
	}
	canonical, what := parseHost(host)
	if what != "" {
		canonical = "127.0.0.1"
	}
	return schemeTCP + "://" + hostPort{canonical, port}.String()
}

// EndpointError says why an endpoint cannot be used.
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

// refuse is the error for an endpoint that cannot be used: what is wrong with
// it, and one that would have worked.
func refuse(text, what, hint string) error {
	return &EndpointError{Endpoint: text, Reason: what, Hint: hint}
}
