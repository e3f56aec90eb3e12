package dissect

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// command tells of a command, whose name stands in front behind its length.
func (h *half) command(body []byte, at time.Time) {
	h.opening = false
	e := &h.event
	e.Kind, e.Fields, e.Metadata = Command, e.Fields[:0], nil
	name, data, ok := cutShort(body)
	if !ok || len(name) == 0 {
		e.Name, e.Fields = "malformed", append(e.Fields, number("bytes", len(body)))
		h.tell(h.side, at)
		return
	}
	switch text := string(name); {
	case text == "MESSAGE" && h.seals(body):
		e.Kind, e.Bytes = Sealed, len(body) // with a flag that it should not have
	case text == "^RROR": // what servers of libzmq write for PLAIN
		e.Name = "ERROR"
		h.fields(data)
	default:
		e.Name = strings.ToValidUTF8(text, "?")
		h.fields(data)
	}
	h.tell(h.side, at)
}

// fields reads what is in the command whose name is in the event.
func (h *half) fields(data []byte) {
	e := &h.event
	plain := h.mechanism == "NULL" || h.mechanism == "PLAIN" || h.mechanism == ""
	switch {
	case e.Name == "ERROR":
		reason, _, _ := cutShort(data)
		e.Fields = append(e.Fields, Field{Name: "reason", Value: reason})
	case !plain:
		e.Fields = append(e.Fields, number("bytes", len(data)))
	case e.Name == "READY" || e.Name == "INITIATE":
		h.metadata(data)
	case e.Name == "HELLO" && h.mechanism == "PLAIN":
		// The password stands behind it.
		user, _, _ := cutShort(data)
		e.Fields = append(e.Fields, Field{Name: "user", Value: user})
	case e.Name == "SUBSCRIBE" || e.Name == "CANCEL":
		e.Fields = append(e.Fields, Field{Name: "prefix", Value: data})
	case e.Name == "JOIN" || e.Name == "LEAVE":
		e.Fields = append(e.Fields, Field{Name: "group", Value: data})
	case e.Name == "PING" && len(data) >= 2:
		const unit = 100 // of a time to live, in milliseconds
		e.Fields = append(e.Fields, number("ttl_ms", int(binary.BigEndian.Uint16(data))*unit), Field{Name: "context", Value: data[2:]})
	case e.Name == "PONG":
		e.Fields = append(e.Fields, Field{Name: "context", Value: data})
	case len(data) > 0:
		e.Fields = append(e.Fields, number("bytes", len(data)))
	}
}

// maxProperties bounds the properties that are shown.
const maxProperties = 64

// metadata reads the properties of a READY or an INITIATE.
func (h *half) metadata(data []byte) {
	e, party := &h.event, &h.parties[h.side]
	for len(data) > 0 && len(e.Metadata) < maxProperties {
		name, rest, ok := cutShort(data)
		if !ok || len(rest) < 4 || uint64(binary.BigEndian.Uint32(rest)) > uint64(len(rest)-4) {
			e.Fields = append(e.Fields, number("malformed_bytes", len(data)))
			return
		}
		size := int(binary.BigEndian.Uint32(rest))
		value := rest[4 : 4+size]
		data = rest[4+size:]
		e.Metadata = append(e.Metadata, Field{Name: strings.ToValidUTF8(string(name), "?"), Value: value})
		switch {
		case bytes.EqualFold(name, []byte("Socket-Type")):
			party.Type = socketType(value)
		case bytes.EqualFold(name, []byte("Identity")):
			party.Identity = bytes.Clone(value[:min(len(value), maxIdentity)])
		}
	}
}

// maxIdentity is the longest routing id, in bytes.
const maxIdentity = 255

// socketType returns the type of a socket as text, "" for what is not a name of one.
func socketType(value []byte) string {
	const longest = 16
	if len(value) > longest {
		return ""
	}
	for _, c := range value {
		if c < 'A' || c > 'Z' {
			return ""
		}
	}
	return string(value)
}

// cutShort cuts off a text behind its length, which is a byte.
func cutShort(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || int(b[0]) > len(b)-1 {
		return nil, nil, false
	}
	n := 1 + int(b[0])
	return b[1:n], b[n:], true
}

func number(name string, n int) Field {
	return Field{Name: name, Value: strconv.AppendInt(nil, int64(n), 10), Number: true}
}

func truth(b bool) []byte { return strconv.AppendBool(nil, b) }

// version writes a version of ZMTP.
func version(major, minor byte) []byte {
	return append(append(strconv.AppendInt(nil, int64(major), 10), '.'), strconv.Itoa(int(minor))...)
}

// oldVersion returns the version of a peer without a mechanism. RFC 15 writes ZMTP 2.0 as
// revision 1.
func oldVersion(revision byte) []byte { return version(1+min(revision, 1), 0) }

// oldType returns the type of a socket of ZMTP 2.0. RFC 15 has the first nine, libzmq
// the other two.
func oldType(octet byte) string {
	names := [...]string{"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"}
	if int(octet) < len(names) {
		return names[octet]
	}
	return ""
}
