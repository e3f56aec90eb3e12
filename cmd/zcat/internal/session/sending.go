package session

import (
	"bytes"

	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// Sending is the input that the sender has not sent yet.
type Sending struct {
	From stream.Source
	Rest *frames.Batch // taken from there, and not given to the socket yet
}

// OthersAhead reports whether there is a message to send to another peer than the
// one with this routing id. The socket asks while it waits for that one.
func (s *Session) OthersAhead(id []byte) bool {
	w := &s.Sending
	if w.From == nil {
		return false // what is sent are replies
	}
	for m := range w.Rest.Messages() {
		if !bytes.Equal(m[0], id) {
			return true
		}
	}
	return w.From.Ahead(id)
}
