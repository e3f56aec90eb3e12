package zmtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-zeromq/zmq4"
)

// The properties of RFC 37 that we use.
const (
	socketTypeProperty = "Socket-Type"
	identityProperty   = "Identity"
)

const maxIdentity = 255 // bytes (RFC 37, "The Identity Property")

// property is one name and value of a peer's metadata.
type property struct {
	name, value string
}

// is reports whether p has the given name; letter case does not matter. (Names
// of equal length that fold to each other differ in ASCII letters only.)
func (p property) is(name string) bool {
	return len(p.name) == len(name) && strings.EqualFold(p.name, name)
}

var errTruncatedMetadata = errors.New("malformed metadata: cut off inside a property")

// parseMetadata splits metadata in the form of RFC 37: for each property a name
// length of 1 byte, the name, a value length of 4 bytes, the value.
func parseMetadata(b []byte) ([]property, error) {
	var ps []property
	for len(b) > 0 {
		n := int(b[0])
		if n == 0 {
			return nil, errors.New("malformed metadata: a property without a name")
		}
		b = b[1:]
		if len(b) < n+4 {
			return nil, errTruncatedMetadata
		}
		name := string(b[:n])
		size := binary.BigEndian.Uint32(b[n:])
		b = b[n+4:]
		if uint64(size) > uint64(len(b)) {
			return nil, errTruncatedMetadata
		}
		ps = append(ps, property{name, string(b[:size])})
		b = b[size:]
	}
	return ps, nil
}

// appendProperty is the reverse of parseMetadata for one property.
func appendProperty(b []byte, p property) []byte {
	b = append(b, byte(len(p.name)))
	b = append(b, p.name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.value)))
	return append(b, p.value...)
}

// ownMetadata returns our metadata for a peer: Socket-Type, and Identity if md has
// one, in libzmq's order.
func ownMetadata(md zmq4.Metadata) []byte {
	b := appendProperty(nil, property{socketTypeProperty, md[socketTypeProperty]})
	if id, ok := md[identityProperty]; ok {
		b = appendProperty(b, property{identityProperty, id})
	}
	return b
}

// judge takes a peer's metadata into p, or returns the reason why c does not accept
// it. Of a repeated property the last one counts, but each must be acceptable.
// Properties that we do not use are not kept: every peer could have hundreds of
// them.
func (c *Config) judge(p *Peer, metadata []byte) *HandshakeError {
	ps, err := parseMetadata(metadata)
	if err != nil {
		return protocolFailure("%w", err).as(CodeInvalidMetadata)
	}
	for _, prop := range ps {
		switch {
		case prop.is(socketTypeProperty):
			if !c.Accepts(prop.value) {
				return c.typeFailure(c.nameOf(prop.value))
			}
			p.Type = prop.value
		case prop.is(identityProperty):
			if err := checkIdentity(prop.value); err != nil {
				return &HandshakeError{Kind: FailureProtocol, Code: CodeInvalidMetadata, reason: err.Error(), Err: fmt.Errorf("malformed metadata: %w", err)}
			}
			p.Identity = nil
			if prop.value != "" {
				p.Identity = []byte(prop.value)
			}
		}
	}
	if p.Type == "" && !c.untyped {
		return &HandshakeError{
			Kind:   FailureProtocol,
			Code:   CodeInvalidMetadata,
			Err:    errors.New("the peer did not tell its socket type (Socket-Type)"),
			reason: "no Socket-Type",
		}
	}
	return nil
}

// checkIdentity refuses identities that would let a peer forge the routing ids that
// a ROUTER makes up itself: those begin with a zero byte.
func checkIdentity(id string) error {
	switch {
	case len(id) > maxIdentity:
		return fmt.Errorf("an Identity of %d bytes, more than %d", len(id), maxIdentity)
	case id != "" && id[0] == 0:
		return errors.New("an Identity that begins with a zero byte")
	}
	return nil
}

// nameOf returns the name of a peer's socket type as people may see it.
func (c *Config) nameOf(peerType string) string {
	if slices.Contains(c.Types(), peerType) {
		return peerType
	}
	return printable(peerType)
}

// typeFailure is the refusal of a peer of the socket type with this name.
func (c *Config) typeFailure(name string) *HandshakeError {
	var legal []string
	for _, t := range c.Types() {
		if c.Accepts(t) {
			legal = append(legal, t)
		}
	}
	return &HandshakeError{
		Kind: FailureType,
		Code: CodeInvalidMetadata,
		Err: fmt.Errorf("socket types do not match: the peer is %s, this side is %s, which talks to %s",
			name, c.Type, strings.Join(legal, " or ")),
		reason: fmt.Sprintf("%s cannot talk to %s", c.Type, name),
	}
}

// printable quotes text that a peer sent, cut to a length that fits on a line.
func printable(s string) string {
	const most = 32
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
