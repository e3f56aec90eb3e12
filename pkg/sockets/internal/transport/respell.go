package transport

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What other tools call a tcp or an ipc endpoint, for hints. None of it is
// accepted.

// dialect returns our scheme for that of another tool, "" for none.
func dialect(scheme string) string {
	switch strings.ToLower(scheme) {
	case "tcp", "tcp4", "tcp6", "zmq+tcp", "zmq", "zmtp", "tcp-connect", "tcp4-connect", "tcp6-connect",
		"tcp-listen", "tcp4-listen", "tcp6-listen", "tcp-l",
		"nats", "mqtt", "mqtts", "redis", "rediss", "amqp", "kafka", "udp":
		return schemeTCP
	case "ws", "wss", "ws-l", "ws-c", "zws", "zmq+ws", "websocket", "websockets", "http", "https":
		return schemeWS
	case "ipc", "zmq+ipc", "unix", "unix-connect", "unix-listen", "unix-client", "unix-l", "unix-c", "local", "file", "ws+unix", "wss+unix",
		"abstract", "abstract-connect", "abstract-listen", "abstract-client":
		return schemeIPC
	}
	return ""
}

// cutScheme cuts the scheme off a text that lacks the slashes after it. Words that
// might be a host's name are schemes only where no port follows.
func cutScheme(text string) (scheme, rest string, found bool) {
	scheme, rest, found = strings.Cut(text, ":")
	if !found || scheme == "" {
		return "", "", false
	}
	if slices.Contains([]string{schemeTCP, schemeIPC, schemeInproc, schemeWS}, scheme) {
		return scheme, rest, true
	}
	_, err := parseHostPort(text, text)
	return scheme, rest, dialect(scheme) != "" && (err != nil || strings.Contains(scheme, "-"))
}

// cutMistyped cuts the scheme off a text where "://" was meant behind it: ws//, ws;//, ws:\\\\.
func cutMistyped(text string) (scheme, rest string, found bool) {
	at := strings.IndexAny(text, `:;/\`)
	if at < 0 || dialect(text[:at]) == "" {
		return "", "", false
	}
	scheme = text[:at]
	rest = strings.TrimLeft(text[at:], ":;")
	rest = strings.ReplaceAll(rest, `\`, "/")
	if path, slashes := strings.CutPrefix(rest, "//"); slashes {
		return scheme, path, true
	}
	return "", "", false
}

// respelt lists the endpoints that may have been meant by a scheme and the text
// after it.
func respelt(scheme, rest string) []string {
	switch dialect(scheme) {
	case schemeIPC:
		switch name := strings.ToLower(scheme); {
		case strings.HasPrefix(name, "abstract"):
			rest = "@" + strings.TrimPrefix(rest, "@")
		case scheme != schemeIPC && strings.Contains(name, "-"):
			rest, _, _ = strings.Cut(rest, ",") // socat's options
		}
		if strings.HasPrefix(rest, "//") { // the slashes after the scheme are there already
			rest = "/" + strings.TrimLeft(rest, "/")
		}
		return []string{"ipc://" + rest}
	case schemeWS:
		return respeltWS(rest)
	case schemeTCP:
		rest, _, _ = strings.Cut(rest, ",")
	}
	rest = strings.TrimLeft(rest, "/")
	host, _, _ := strings.Cut(rest, "/")
	if _, after, found := strings.Cut(host, "@"); found { // a user
		host = after
	}
	return []string{"tcp://" + host, "tcp://:" + host, "tcp://" + host + ":5555"}
}

// respeltWS lists the endpoints that may have been meant by a scheme of the web and the
// text after it.
func respeltWS(rest string) []string {
	rest = strings.TrimLeft(rest, "/")
	host, path, _ := strings.Cut(rest, "/")
	if path != "" {
		path = "/" + path
	}
	if _, after, found := strings.Cut(host, "@"); found { // a user
		host = after
	}
	return []string{"ws://:" + host + path, "ws://" + host + path, "ws://" + host + ":8080" + path, "ws://" + host, "ws://" + host + ":8080"}
}

// misspelt refuses texts that only other tools, or a shell, understand, and that
// would otherwise be read as a path or a name, or not at all.
func misspelt(text string) error {
	list := strings.Split(text, ",")
	switch {
	case len(list) > 1 && !slices.ContainsFunc(list[1:], func(s string) bool { return !strings.Contains(s, "://") && !isHostPort(s) }):
		return severalOf(text, list)
	case len(text) > 1 && strings.ContainsAny(text[:1], "@>+") && (strings.Contains(text, "://") || text[0] != '@' && hasEndpoint(text[1:])):
		what := "it begins with \"" + text[:1] + "\", where the flag says whether to bind or connect"
		return refuse(text, what, firstThatParses(better(text[1:])))
	case strings.HasPrefix(text, "~/"), strings.HasPrefix(text, "ipc://~/"):
		path := strings.TrimPrefix(strings.TrimPrefix(text, "ipc://"), "~/")
		home, err := os.UserHomeDir()
		if err != nil {
			home = "/tmp"
		}
		return refuse(text, "no shell has replaced ~ by your home directory", firstThatParses("ipc://"+filepath.ToSlash(filepath.Join(home, path))))
	case strings.TrimSpace(text) != text && strings.TrimSpace(text) != "":
		return refuse(text, "it has blanks around it", firstThatParses(better(strings.TrimSpace(text))))
	}
	return nil
}

// hasEndpoint reports whether text is an endpoint.
func hasEndpoint(text string) bool {
	_, err := Parse(text)
	return err == nil
}

// severalOf refuses a list of endpoints, and names each of them.
func severalOf(text string, list []string) error {
	bad := &EndpointError{Endpoint: text, Reason: "it is more than one endpoint; each needs a flag of its own"}
	for i, one := range list {
		endpoint := better(one)
		if i == 0 {
			bad.Hint = endpoint
		} else {
			bad.More = append(bad.More, endpoint)
		}
	}
	return bad
}

// better returns text in its long form, or the hint of its own refusal.
func better(text string) string {
	e, err := Parse(text)
	if bad, ok := err.(*EndpointError); ok { //nolint:errorlint // Parse wraps none
		return bad.Hint
	}
	return e.String()
}
