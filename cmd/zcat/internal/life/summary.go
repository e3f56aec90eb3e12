package life

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/sockets"
)

// summary is the line of --summary. Its names are an interface.
type summary struct {
	Command string  `json:"command"`
	Status  int     `json:"status"`
	Seconds float64 `json:"seconds"`
	// Written, with a filter, is the number of messages that it wrote. Each is one of sent,
	// returned, dropped, lost, unroutable and unsent.
	Written    *uint64 `json:"written,omitempty"`
	Sent       uint64  `json:"sent"`       // left for a peer, as far as is known: none of the below, where a message goes to one peer
	Received   uint64  `json:"received"`   // those of --count, or for a proxy all
	Dropped    uint64  `json:"dropped"`    // no room, or for a peer that had left
	Lost       uint64  `json:"lost"`       // with a connection, after they were queued
	Unroutable uint64  `json:"unroutable"` // no peer had the routing id
	Discarded  uint64  `json:"discarded"`  // for their envelope, or that a proxy could not pass on
	Unsent     uint64  `json:"unsent"`     // still there at the end, or when the endpoint refused
	Unread     uint64  `json:"unread"`     // came, and a filter did not read them
	Refused    int     `json:"refused"`    // handshakes and peers
	Peers      int     `json:"peers"`      // handshakes that succeeded

	Returned *uint64 `json:"returned,omitempty"` // to the filter, since they could not be sent

	Kept  *int    `json:"kept,omitempty"`   // topics, with --last-value
	LetGo *uint64 `json:"let_go,omitempty"` // topics that there was no room for

	Front *sideSummary `json:"front,omitempty"`
	Back  *sideSummary `json:"back,omitempty"`
}

// sideSummary is one side of a proxy.
type sideSummary struct {
	Received      uint64 `json:"received"`
	ReceivedBytes uint64 `json:"received_bytes"`
	Sent          uint64 `json:"sent"`
	SentBytes     uint64 `json:"sent_bytes"`
	Dropped       uint64 `json:"dropped"`
}

// Tally collects what a summary is made of. It is asked while the command may still
// run: a second signal does not wait for its end.
type Tally struct {
	begun time.Time

	mu      sync.Mutex
	sockets []watched // one after the other, or at both sides
	monitor *Monitor
	left    uint64         // what closing gave up
	undone  uint64         // messages that a socket counts as sent and that never left
	given   func() uint64  // to the sockets; nil where they count that
	lost    uint64         // besides what the sockets count
	unread  uint64         // what came and was not read
	joined  *sockets.Proxy // nil where there is none
	keeps   bool           // last values
}

// watched is a socket, and what its counts mean.
type watched struct {
	*sockets.Socket
	copies bool // what is dropped, lost or left are copies of what was sent
	silent bool // what is unroutable counts as sent
}

// Watch includes a socket of a type, with its options.
func (t *Tally) Watch(s *sockets.Socket, o *sockets.Options) {
	t.mu.Lock()
	defer t.mu.Unlock()
	has := s.Type().Traits()
	t.sockets = append(t.sockets, watched{s, has.Copies, has.Addressed && !o.Mandatory})
}

// Gives makes n what was given to the sockets, where they count some of that twice.
func (t *Tally) Gives(n func() uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.given = n
}

// Undo counts messages that a socket gave up when it was closed, and had counted as sent:
// of one that copies they are copies, and change nothing.
func (t *Tally) Undo(s *sockets.Socket, messages int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !s.Type().Traits().Copies {
		t.undone += uint64(messages)
	}
}

// Lose counts messages that were given up after they were queued.
func (t *Tally) Lose(messages int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost += uint64(messages)
}

// Hears includes what a monitor counts.
func (t *Tally) Hears(w *Monitor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.monitor = w
}

// Joins includes what passes through a proxy.
func (t *Tally) Joins(p *sockets.Proxy) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.joined = p
}

// Keeps includes what is kept of last values.
func (t *Tally) Keeps() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keeps = true
}

// Leave counts messages that closing gave up.
func (t *Tally) Leave(messages uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left += messages
}

// Miss counts messages that came and were not read.
func (t *Tally) Miss(messages uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unread += messages
}

// Stats adds up the counts of all sockets, as far as they can be added; some is
// false where there is no socket.
func (t *Tally) Stats() (sum sockets.Stats, some bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, socket := range t.sockets {
		stats := socket.Stats()
		sum.Sent += stats.Sent
		sum.Received += stats.Received
		sum.Dropped += stats.Dropped
		sum.Lost += stats.Lost
		sum.Unmet += stats.Unmet
		sum.Unroutable += stats.Unroutable
		sum.Discarded += stats.Discarded
		sum.Queued += stats.Queued
		sum.Waiting += stats.Waiting
		sum.Refused += stats.Refused
		sum.Broken += stats.Broken
		sum.Kept += stats.Kept
		sum.LetGo += stats.LetGo
		sum.Untold += stats.Untold
	}
	return sum, len(t.sockets) > 0
}

// Sum adds up all sockets.
func (t *Tally) Sum(command string, result outcome.Status) summary {
	stats, _ := t.Stats()
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := summary{
		Command: command, Status: int(result), Seconds: seconds(time.Since(t.begun)),
		Sent: stats.Sent, Received: stats.Received, Dropped: stats.Dropped, Lost: stats.Lost,
		Unroutable: stats.Unroutable, Discarded: stats.Discarded, Unsent: t.left + stats.Unmet + uint64(stats.Queued), Unread: t.unread,
	}
	undone := t.undone + t.lost
	for _, s := range t.sockets {
		counted := s.Stats()
		if !s.copies {
			undone += counted.Lost + counted.Unmet + counted.Dropped + uint64(counted.Queued)
		}
		if s.silent && t.joined == nil {
			undone += counted.Unroutable
		}
	}
	if t.given != nil {
		sum.Sent = t.given()
	}
	if t.joined != nil {
		front, back := t.joined.Stats()
		sum.Sent, sum.Received = front.Sent+back.Sent, front.Received+back.Received
		sum.Dropped = front.Dropped + back.Dropped - sum.Lost - sum.Unroutable
		sum.Front, sum.Back = sideSum(front), sideSum(back)
	}
	sum.Sent -= min(sum.Sent, undone)
	sum.Lost += t.lost
	if t.keeps {
		sum.Kept, sum.LetGo = &stats.Kept, &stats.LetGo
	}
	if w := t.monitor; w != nil {
		w.Mu.Lock()
		defer w.Mu.Unlock()
		sum.Refused, sum.Peers = w.turnedDown, w.peers
	}
	return sum
}

// seconds are whole microseconds, so that they have six decimals at most in JSON.
func seconds(d time.Duration) float64 { return float64(d.Round(time.Microsecond).Microseconds()) / 1e6 }

// Summarise writes a summary: a line of JSON, which is for scripts and so has no
// prefix.
func (l *Life) Summarise(sum summary) {
	text, err := json.Marshal(struct {
		Summary summary `json:"summary"`
	}{sum})
	if err != nil {
		l.Say.Fail("--summary: %v", err)
		return
	}
	l.Say.Plain(text)
}

func sideSum(s sockets.SideStats) *sideSummary {
	return &sideSummary{s.Received, s.ReceivedBytes, s.Sent, s.SentBytes, s.Dropped}
}
