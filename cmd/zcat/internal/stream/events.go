package stream

import (
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// Lines among records that are no messages: all have "event".

// head begins a line, with its time and the kind of its event.
func head(kind string) []byte {
	dst := append([]byte(`{"time":"`), Stamp(time.Now())...)
	return frames.AppendJSONString(append(dst, `","event":`...), kind)
}

// Event is a line about a socket, at "" where there is only one; fields are pairs of a name and a text, of which the
// empty ones are left out.
func Event(kind, at string, fields []string) []byte {
	dst := head(kind)
	for i := 0; i < len(fields)+2; i += 2 {
		name, text := "at", at
		if i > 0 {
			name, text = fields[i-2], fields[i-1]
		}
		if text == "" {
			continue
		}
		dst = frames.AppendJSONString(append(dst, ','), name)
		dst = frames.AppendJSONString(append(dst, ':'), text)
	}
	return append(dst, '}', '\n')
}

// Tick is the line that tells the time.
func Tick() []byte { return append(head("tick"), '}', '\n') }

// Presence is the line about a peer that joined or left a socket, "" where there is only
// one; id is its routing id, empty where it has none.
func Presence(at string, source frames.Source, id []byte) []byte {
	kind := "joined"
	if source.Notice == frames.Left {
		kind = "left"
	}
	dst := Event(kind, at, []string{"peer", source.Peer, "endpoint", source.Endpoint})
	dst = dst[:len(dst)-len("}\n")]
	if len(id) > 0 {
		dst = append(dst, `,"id":`...)
		dst = appendFrame(dst, id)
	}
	if source.User != "" {
		dst = append(dst, `,"user":`...)
		dst = frames.AppendJSONString(dst, source.User)
	}
	return append(dst, '}', '\n')
}

// EventOf is the line about a message: one that is given back, or was given up.
func EventOf(kind, at, reason string, m frames.Message) []byte {
	dst := Event(kind, at, []string{"reason", reason})
	dst = append(dst[:len(dst)-len("}\n")], `,"frames":`...)
	dst = frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{}).Append(dst, m)
	return append(dst[:len(dst)-1], '}', '\n')
}

// appendFrame appends a frame in its JSON form.
func appendFrame(dst, frame []byte) []byte {
	text := frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{}).Append(nil, frames.Message{frame})
	return append(dst, text[1:len(text)-len("]\n")]...)
}
