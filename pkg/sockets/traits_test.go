package sockets

import (
	"errors"
	"testing"
)

// TestTraits: what a type promises does not contradict itself, and is what its sockets do.
func TestTraits(t *testing.T) {
	for _, kind := range Types() {
		t.Run(kind.String(), func(t *testing.T) {
			has := kind.Traits()
			for claim, broken := range map[string]bool{
				"who asks or answers does both":                  (has.Asks || has.Answers) && (!kind.Sends() || !kind.Receives()),
				"nobody owes both a request and a reply":         has.Asks && has.Answers,
				"a publisher sends":                              has.Publishes && !kind.Sends(),
				"a subscriber receives":                          has.Subscribes && !kind.Receives(),
				"only a subscriber sends subscriptions":          has.SendsSubscriptions && (!has.Subscribes || !kind.Sends()),
				"only a publisher receives subscriptions":        has.ReceivesSubscriptions && (!has.Publishes || !kind.Receives()),
				"a publisher copies":                             has.Publishes && !has.Copies,
				"a message with a routing id goes to one peer":   has.Addressed && has.Copies,
				"a number of frames has room for the routing id": has.Addressed && has.MostFrames == 1,
				"bytes without ZMTP have no envelope":            kind.Raw() && has.Enveloped,
				"numbers are routing ids":                        has.Numbered && !has.Addressed,
				"whoever joins receives":                         has.Joins && (!kind.Receives() || !has.Grouped),
				"what is in front of a body needs a place":       (has.Addressed || has.Grouped) && has.LeastFrames != 2,
				"the least is no more than the most":             has.MostFrames > 0 && has.LeastFrames > has.MostFrames,
			} {
				if broken {
					t.Errorf("%s: %+v", claim, has)
				}
			}
			s, err := New(kind, func(o *Options) {
				if has.Announces {
					o.Identity = []byte("me")
				}
				if has.Addressed && !has.Numbered {
					o.ConnectIDs = [][]byte{[]byte("you")}
				}
				o.Conflate = has.Conflates
			})
			try(t, err)
			defer func() { _ = s.Close() }()
			if err := s.Subscribe(nil); (err == nil) != has.Subscribes || err != nil && !errors.Is(err, ErrDirection) {
				t.Errorf("Subscribe returned %v", err)
			}
			if err := s.Join(nil); (err == nil) != has.Joins || err != nil && !errors.Is(err, ErrDirection) {
				t.Errorf("Join returned %v", err)
			}
			if _, err := s.ConnectPeer("tcp://127.0.0.1:1"); (err == nil) != has.Numbered || err != nil && !errors.Is(err, ErrDirection) {
				t.Errorf("ConnectPeer returned %v", err)
			}
		})
	}
}
