package transport

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// The part of an endpoint after tcp://.

// hostPort is one side of a tcp endpoint. The host is "*", an IP address without
// brackets, a host name or an interface's name; port 0 is any free one.
type hostPort struct {
	host string
	port uint16
}

// String returns "HOST:PORT", with brackets around IPv6 and "*" for any free port.
func (h hostPort) String() string {
	port := "*"
	if h.port != 0 {
		port = strconv.Itoa(int(h.port))
	}
	return net.JoinHostPort(h.host, port)
}

// nearTCP reports whether a host is this machine by its very name. The address that
// stands for every interface leads here, too.
func nearTCP(e Endpoint) bool {
	ip, err := netip.ParseAddr(e.to.host)
	ip = ip.Unmap()
	return strings.EqualFold(e.to.host, "localhost") || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// isHostPort reports whether text is meant as HOST:PORT, and not as a scheme whose
// slashes were forgotten, or a path.
func isHostPort(text string) bool {
	_, _, isScheme := cutScheme(text)
	return strings.Contains(text, ":") && !isScheme && !strings.ContainsAny(text, "/;")
}

// parseTCP reads the part of a tcp endpoint after its scheme.
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
				what, better = "it has more after the port than a tcp endpoint can have", n
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

// parseHost returns a host in its canonical form, or its fault in what.
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

// isName reports whether s has only characters of names of hosts, interfaces and
// IPv6 zones. The empty name is one: no zone.
func isName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r) || r == unicode.ReplacementChar
	})
}

// hint makes a valid tcp endpoint of the valid parts of one that is not.
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
