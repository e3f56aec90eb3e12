package line

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// Scheme is a transport as the command line and its help know it.
type Scheme struct {
	Name   string // "tcp"
	Begins string // how most of its endpoints begin, for completion
	Form   string // of its endpoints, for the manual
	Manual string // what the manual says of them
	Inner  bool   // nobody outside the process can reach them; the manual leaves them out
}

// schemes has what the help says of each; one without a row has a plainScheme.
var schemes = []Scheme{ //nolint:gochecknoglobals // a table that is only read
	{
		Name: "tcp", Begins: "tcp://127.0.0.1:", Form: "tcp://HOST:PORT",
		Manual: "A name, an IPv4 address, an IPv6 address in brackets, or * for every interface; port * is any free one, which is then reported.",
	},
	{
		Name: "ipc", Begins: "ipc://", Form: "ipc://PATH",
		Manual: "A socket in the file system. ipc://@NAME is one of Linux that needs no file.",
	},
	{Name: "inproc", Inner: true},
	{
		Name: "ws", Begins: "ws://127.0.0.1:", Form: "ws://HOST:PORT/PATH",
		Manual: "WebSocket, for browsers too; the path is / where it is not given. Web pages need --allow-origin. It is clear text: CURVE encrypts, or a TLS proxy in front.",
	},
	{
		Name: "fd", Begins: "fd://", Form: "fd://N",
		Manual: "To bind: a descriptor that listens already, or fd://NAME of those that systemd hands down.",
	},
}

// Schemes lists the schemes of endpoints that another process can reach.
func Schemes() []Scheme {
	var all []Scheme
	for _, name := range sockets.Schemes() {
		i := slices.IndexFunc(schemes, func(row Scheme) bool { return row.Name == name })
		switch {
		case i < 0:
			all = append(all, plainScheme(name))
		case !schemes[i].Inner:
			all = append(all, schemes[i])
		}
	}
	return all
}

// plainScheme is what is true of any scheme.
func plainScheme(name string) Scheme {
	return Scheme{Name: name, Begins: name + "://", Form: name + "://...", Manual: "An endpoint of the transport " + name + "."}
}

// InnerName returns the name of an endpoint that nobody outside the process can reach;
// inner is false for any other.
func InnerName(endpoint string) (name string, inner bool) {
	scheme, name, found := strings.Cut(endpoint, "://")
	if !found || !slices.ContainsFunc(schemes, func(s Scheme) bool { return s.Inner && s.Name == scheme }) {
		return "", false
	}
	return name, true
}

// IsInner reports whether nobody outside the process can reach an endpoint.
func IsInner(endpoint string) bool {
	_, inner := InnerName(endpoint)
	return inner
}
