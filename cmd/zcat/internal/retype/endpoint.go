package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/pkg/sockets"
)

// listens reports whether an endpoint is spelt as others spell one to bind.
func listens(endpoint string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(endpoint), ":")
	return strings.HasPrefix(endpoint, "@") && strings.Contains(endpoint, "://") || strings.HasSuffix(scheme, "-l") || strings.HasSuffix(scheme, "-listen")
}

// looksLikeEndpoint reports whether text is meant for an endpoint, whatever is
// wrong with it.
func looksLikeEndpoint(text string) bool {
	if strings.ContainsAny(text, " \t{\"'") {
		return false
	}
	if strings.Contains(text, "://") || strings.HasPrefix(text, "@") && len(text) > 1 || strings.HasPrefix(text, "*:") {
		return true
	}
	head, tail, found := strings.Cut(text, ":")
	if !found {
		return strings.HasPrefix(text, "./") || strings.HasPrefix(text, "/") || slashed(text) != text
	}
	scheme := strings.ToLower(head)
	port := tail[strings.LastIndexByte(tail, ':')+1:]
	port, _, _ = strings.Cut(port, ",")
	return habits.IsPort(port) || port == "*" || strings.HasPrefix(scheme, "unix") || strings.HasPrefix(scheme, "abstract") || scheme == "ipc" || scheme == "tcp"
}

// slashed returns an endpoint with the colon that was forgotten:
// tcp//localhost:5555, localhost/5555.
func slashed(text string) string {
	for _, scheme := range []string{"tcp", "ipc"} {
		if rest, found := strings.CutPrefix(text, scheme+"//"); found {
			if scheme == "ipc" && !strings.HasPrefix(rest, "@") {
				rest = "/" + strings.TrimLeft(rest, "/")
			}
			return scheme + "://" + rest
		}
	}
	if host, port, found := strings.Cut(text, "/"); found && habits.IsPort(port) && habits.IsName(host) && !habits.IsPort(host) {
		return "tcp://" + host + ":" + port
	}
	return text
}

// isLocal reports whether an endpoint is of this machine alone.
func isLocal(endpoint string) bool {
	rest, hasHost := strings.CutPrefix(strings.TrimPrefix(endpoint, "ws://"), "tcp://")
	hasHost = hasHost || rest != endpoint
	if !hasHost && strings.Contains(endpoint, "://") || strings.HasPrefix(endpoint, "@") || strings.HasPrefix(endpoint, "/") || strings.HasPrefix(endpoint, ".") {
		return true
	}
	return slices.ContainsFunc([]string{":", "localhost:", "127.", "[::1]:"}, func(local string) bool { return strings.HasPrefix(rest, local) })
}

// improve returns endpoint, or what its refusal offers.
func improve(endpoint string, check func(string) error) string {
	return improvedList(endpoint, check)[0]
}

// improvedList does what improve does for what may be a list of endpoints.
func improvedList(endpoint string, check func(string) error) []string {
	if better := slashed(endpoint); better != endpoint && check(better) == nil {
		return []string{better}
	}
	err := check(endpoint)
	bad, ok := err.(*sockets.EndpointError) //nolint:errorlint // it is never wrapped
	if !ok || len(bad.Hints) == 0 {
		return []string{endpoint}
	}
	rest := strings.TrimPrefix(endpoint, "tcp://")
	if _, host, found := strings.Cut(rest, "@"); found && check("tcp://"+host) == nil {
		return []string{"tcp://" + host} // without a user
	}
	if habits.IsName(rest) && !habits.IsPort(rest) && check("tcp://"+rest+":5555") == nil {
		return []string{"tcp://" + rest + ":5555"}
	}
	list := slices.Clone(bad.Hints)
	for i, one := range list {
		if again, ok := check(one).(*sockets.EndpointError); ok && len(again.Hints) > 0 { //nolint:errorlint // it is never wrapped
			list[i] = again.Hints[0]
		}
	}
	return list
}
