//go:build linux

package main

import (
	"bytes"
	"fmt"

	"github.com/zcat/zcat/pkg/frames"
)

// hear puts what the socket sent, except for the answers to settle, into o. A
// subscription reads the same in both forms.
func (a *author) hear(kind string, o *peerOutcome) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.link.raw {
		o.wire = append(o.wire, "bytes "+show(a.in))
		return
	}
	if a.link.old && len(a.told) == oldGreetingSize && len(a.heard) == 0 && len(a.told)+len(a.in) >= greetingSize-1 {
		o.greeting = greetedInPart // all of a greeting of ZMTP 3, before the version of the peer was known
		return
	}
	o.greeting = spellGreeting(a.told, a.link.hello)
	subscribes := kind == "SUB" || kind == "XSUB"
	var message frames.Message
	for _, f := range a.heard {
		if f.flags&flagCommand != 0 {
			name, data := cutCommand(f.body)
			switch {
			case name == "PONG" && bytes.HasPrefix(data, []byte(syncMark)):
			case name == "PONG":
				o.pongs = append(o.pongs, show(data))
			default:
				o.wire = append(o.wire, spellCommand(name, data, f.body))
			}
			continue
		}
		message = append(message, f.body)
		if f.flags&flagMore != 0 {
			continue
		}
		if b := message[0]; subscribes && len(message) == 1 && len(b) > 0 && b[0] <= 1 {
			name := [...]string{"CANCEL", "SUBSCRIBE"}[b[0]]
			o.wire = append(o.wire, spellCommand(name, b[1:], nil))
			o.legacy++
		} else {
			o.wire = append(o.wire, "message "+showAll(message))
		}
		message = nil
	}
	if message != nil {
		o.wire = append(o.wire, "a part of a message "+showAll(message))
	}
	if len(a.in) > 0 {
		o.wire = append(o.wire, fmt.Sprintf("a part of a frame, %d bytes", len(a.in)))
	}
}
