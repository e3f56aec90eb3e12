package sockets

import (
	"errors"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// Security is the mechanism that all connections of a socket use; peers with
// another one are turned away. Nil is NULL: neither encrypted nor authenticated.
// In PLAIN and CURVE one side is the server, whether it binds or connects.
type Security interface {
	// check returns the fault of the mechanism, by itself or together with o, or
	// nil.
	check(o *Options) error
	mechanism() zmtp.Mechanism
	mechanismName() string // of the mechanism: "PLAIN"
	server() bool
}

// PlainServer lets in peers whose name and password Options.Authorize accepts
// (RFC 24). Everything passes unencrypted, passwords too.
func PlainServer() Security { return plainServer{} }

type plainServer struct{}

func (plainServer) mechanismName() string     { return "PLAIN" }
func (plainServer) server() bool              { return true }
func (plainServer) mechanism() zmtp.Mechanism { return zmtp.PlainServer }

func (plainServer) check(o *Options) error {
	if o.Authorize == nil {
		return errors.New("a PLAIN server needs Authorize, which judges the passwords")
	}
	return nil
}

// PlainClient presents a name and a password, of at most 255 bytes each.
func PlainClient(name, password string) Security { return &plainClient{name, &password} }

type plainClient struct {
	name     string
	password *string // a pointer, which package fmt does not follow
}

func (*plainClient) mechanismName() string       { return "PLAIN" }
func (*plainClient) server() bool                { return false }
func (c *plainClient) mechanism() zmtp.Mechanism { return zmtp.PlainClient(c.name, *c.password) }

func (c *plainClient) check(*Options) error {
	if len(c.name) > 255 || len(*c.password) > 255 {
		return errors.New("a name or a password of more than 255 bytes, which PLAIN cannot carry")
	}
	return nil
}

// CurveServer encrypts (RFC 26). Clients have to know keys.Public.
// Options.Authorize decides which client keys are let in; without it all are.
func CurveServer(keys curve.Pair) Security { return &curveServer{keys, zmtp.CurveServer(keys)} }

type curveServer struct {
	keys curve.Pair
	make zmtp.Mechanism // shared by all its connections: they take turns
}

func (*curveServer) mechanismName() string       { return "CURVE" }
func (*curveServer) server() bool                { return true }
func (s *curveServer) mechanism() zmtp.Mechanism { return s.make }
func (s *curveServer) check(*Options) error      { return checkPair(s.keys) }

// CurveClient encrypts, and talks only to a server that has the secret key for the
// public key server. It identifies itself to the server by keys.
func CurveClient(server curve.PublicKey, keys curve.Pair) Security {
	return &curveClient{server, keys}
}

type curveClient struct {
	key  curve.PublicKey
	keys curve.Pair
}

func (*curveClient) mechanismName() string       { return "CURVE" }
func (*curveClient) server() bool                { return false }
func (c *curveClient) mechanism() zmtp.Mechanism { return zmtp.CurveClient(c.key, c.keys) }

func (c *curveClient) check(*Options) error {
	if c.key == (curve.PublicKey{}) {
		return errors.New("a CURVE client needs the server's public key")
	}
	return checkPair(c.keys)
}

func checkPair(p curve.Pair) error {
	switch {
	case p.Secret.IsZero():
		return errors.New("CURVE needs a secret key")
	case p.Secret.Public() != p.Public:
		return errors.New("the public key does not belong to the secret key")
	}
	return nil
}
