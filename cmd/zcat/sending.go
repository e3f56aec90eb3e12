package main

import (
	"bytes"

	"github.com/zcat/zcat/pkg/frames"
)

// sending is what is still to be sent, of the goroutine that sends.
type sending struct {
	from source
	rest *frames.Batch // taken from there, and not given to the socket yet
}

// othersAhead reports whether there is a message to send to another peer than the
// one with this routing id. The socket asks while it waits for that one.
func (s *session) othersAhead(id []byte) bool {
	w := &s.sending
	if w.from == nil {
		return false // what is sent are replies
	}
	for m := range w.rest.Messages() {
		if !bytes.Equal(m[0], id) {
			return true
		}
	}
	return w.from.ahead(id)
}
