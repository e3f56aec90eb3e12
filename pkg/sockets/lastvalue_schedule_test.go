package sockets

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// history is what was published of each topic: versions, and 0 for its deletion. Its
// lock guards it.
type history struct {
	mu      sync.Mutex
	of      map[string][]int
	settled map[string]int // how many of them were there for subscribers to come
}

// begin notes what is about to be published.
func (h *history) begin(topic string, version int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of[topic] = append(h.of[topic], version)
}

// end notes that it is.
func (h *history) end(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.settled[topic] = len(h.of[topic])
}

// deleted reports whether there is no value of a topic.
func (h *history) deleted(topic string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.of[topic]
	return len(all) == 0 || all[len(all)-1] == 0
}

// newest returns how much of each topic with a prefix is published.
func (h *history) newest(prefix string) map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := map[string]int{}
	for topic, n := range h.settled {
		if strings.HasPrefix(topic, prefix) {
			found[topic] = n
		}
	}
	return found
}

// reader is a subscriber, and what it saw.
type reader struct {
	*world
	sub      *Socket
	end      func() error
	past     *history
	lasting  bool           // it neither unsubscribes nor loses its connection
	asked    map[string]int // its subscriptions
	since    map[string]int // how much of each topic was published when it subscribed
	resubs   int            // how often it may get what it had before
	mu       sync.Mutex
	seen     map[string][]int // of each topic, by the place in the history
	repeated map[string]int   // how often the last of these came again
	done     chan struct{}
}

// check places what was received in the history.
func (r *reader) check(m frames.Message) {
	topic, version := string(m[0]), 0
	if len(m) > 1 {
		version, _ = strconv.Atoi(string(m[1]))
	}
	r.past.mu.Lock()
	all := r.past.of[topic]
	r.past.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen, last := r.seen[topic], -1
	if len(seen) > 0 {
		last = seen[len(seen)-1]
	}
	first := max(last+1, r.since[topic]) // one deletion looks like the other
	if last < 0 && first > 0 && all[first-1] > 0 {
		first--
	}
	at := slices.Index(all[first:], version) + first
	if last >= 0 && version == all[last] && version > 0 {
		at = last
	}
	switch {
	case at == last && r.repeated[topic] < r.resubs:
		r.repeated[topic]++
	case at == last:
		r.failf("version %d of %q came again", version, topic)
	case at < first:
		r.failf("%q: version %d came behind the %v of %v", topic, version, seen, all)
	default:
		r.seen[topic], r.repeated[topic] = append(seen, at), 0
	}
}

func (r *reader) read(pause time.Duration) {
	defer close(r.done)
	for {
		m, err := r.sub.Recv(context.Background())
		if err != nil {
			return
		}
		if r.check(m); r.below(8) == 0 {
			r.rest(pause + 1)
		}
	}
}

// change subscribes to something, or ends a subscription.
func (r *reader) change() {
	if r.below(3) > 0 || r.lasting || len(r.asked) == 0 {
		prefix := r.topic(2)
		r.mu.Lock()
		for topic, n := range r.past.newest(prefix) {
			if _, before := r.since[topic]; r.lasting && !before && !r.wants(topic) {
				r.since[topic] = n
			}
		}
		if !r.lasting {
			r.resubs++
		}
		r.asked[prefix]++
		r.mu.Unlock()
		try(r, r.sub.Subscribe([]byte(prefix)))
		return
	}
	for prefix := range r.asked {
		r.mu.Lock()
		if r.asked[prefix]--; r.asked[prefix] == 0 {
			delete(r.asked, prefix)
		}
		r.mu.Unlock()
		try(r, r.sub.Unsubscribe([]byte(prefix)))
		return
	}
}

// wants reports whether it is subscribed to a topic.
func (r *reader) wants(topic string) bool {
	for prefix := range r.asked {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// topic makes one up that others are likely to begin with.
func (w *world) topic(most int) string {
	topic := make([]byte, w.below(most+1))
	for i := range topic {
		topic[i] = "abc"[w.below(3)]
	}
	return string(topic)
}

// conclude judges what came when nothing is on its way any more.
func (r *reader) conclude(complete, kept bool) {
	for topic, all := range r.past.of {
		seen, newest := r.seen[topic], len(all)-1
		last := -1
		if len(seen) > 0 {
			next := len(all)
			if len(seen) > 1 {
				next = seen[1]
			}
			if all[seen[0]] == 0 && all[next-1] == 0 {
				seen[0] = next - 1 // which of several deletions came first is not known
			}
			last = seen[len(seen)-1]
		}
		if !r.wants(topic) {
			continue
		}
		since, before := r.since[topic]
		if kept && r.lasting && before && since == len(all) && all[newest] > 0 && last < newest {
			r.failf("%q has not changed since it was subscribed to, and %v of %v came", topic, seen, all)
		}
		if !complete {
			continue
		}
		turn := false // deletions are told before it, too
		for i := range seen[:max(0, len(seen)-1)] {
			if turn = turn || all[seen[i]] > 0; turn && r.lasting && seen[i+1] != seen[i]+1 {
				r.failf("%q: %v of %v came", topic, seen, all)
			}
		}
		if all[newest] > 0 && last != newest || r.lasting && last >= 0 && last != newest {
			r.failf("%q: at the end %v of %v came", topic, seen, all)
		}
	}
}

// TestLastValueSchedules publishes and deletes topics while subscribers come, go,
// subscribe, unsubscribe, lose their connections and are slow. Each gets the newest
// message of a topic at its subscription, or a newer one in its place, and every later
// one, once, in order; what was there before is never dropped for a full queue.
func TestLastValueSchedules(t *testing.T) {
	eachSchedule(t, func(_ *testing.T, w *world) {
		hwm := []int{1, 2, 5, 1000, 1000, 1000}[w.below(6)]
		limit := []int{1 << 30, 1 << 30, 1 << 30, 20_000}[w.below(4)]
		size := []int{10, 10, 1000, 10_000}[w.below(4)]
		nodrop := w.below(4) == 0
		pub, endPub := w.socket(XPub, func(o *Options) {
			o.SendHWM, o.LastValueBytes, o.NoDrop = hwm, limit, nodrop
		})
		_, err := pub.Bind(context.Background(), w.endpoint)
		try(w, err)
		past := &history{of: map[string][]int{}, settled: map[string]int{}}
		version := 0
		publish := func() {
			topic := w.topic(4)
			m := frames.Strings(topic)
			v := 0
			if w.below(6) > 0 || past.deleted(topic) { // two deletions in a row look the same
				version++
				v = version
				m = append(m, []byte(strconv.Itoa(v)), make([]byte, w.below(size)))
			}
			past.begin(topic, v)
			try(w, pub.Send(context.Background(), m))
			past.end(topic)
			if st := pub.Stats(); st.KeptBytes > limit {
				w.failf("%d bytes are kept of %d topics, the limit is %d", st.KeptBytes, st.Kept, limit)
			}
		}
		for range w.below(200) {
			publish()
		}
		cuts := w.below(2) == 0
		var readers []*reader
		for i := range 1 + w.below(4) {
			kind := []Type{Sub, XSub}[w.below(2)]
			r := &reader{
				world: w, past: past, lasting: !cuts && w.below(2) == 0, asked: map[string]int{}, since: map[string]int{},
				seen: map[string][]int{}, repeated: map[string]int{}, done: make(chan struct{}),
			}
			r.sub, r.end = w.socket(kind, func(o *Options) { o.RecvHWM = []int{1, 10, 1000}[w.below(3)] })
			if i%2 == 0 {
				r.change()
			}
			if cuts {
				r.resubs = 1000
			}
			try(w, r.sub.Connect(w.endpoint))
			go r.read(time.Duration(w.below(2)*w.below(50)) * time.Millisecond)
			readers = append(readers, r)
		}
		var publisher sync.WaitGroup
		publisher.Go(func() {
			for range w.below(200) {
				if publish(); w.below(4) == 0 {
					w.rest(5 * time.Millisecond)
				}
			}
		})
		for range w.below(40) {
			switch r := readers[w.below(len(readers))]; w.below(6) {
			case 0:
				w.rest(20 * time.Millisecond)
			case 1:
				if cuts {
					w.cut()
				}
			default:
				r.change()
			}
		}
		publisher.Wait()
		count := func() (n int) {
			for _, r := range readers {
				r.mu.Lock()
				for _, seen := range r.seen {
					n += len(seen)
				}
				r.mu.Unlock()
			}
			return n
		}
		for before := -1; before != count(); {
			before = count()
			<-time.After(10 * time.Second)
			synctest.Wait()
		}
		stats := pub.Stats()
		if nodrop && stats.LetGo == 0 && stats.Dropped > 0 {
			w.failf("%d dropped", stats.Dropped)
		}
		for _, r := range readers {
			_ = r.end()
			<-r.done
			r.conclude(stats.Dropped == 0 && stats.LetGo == 0, stats.LetGo == 0)
		}
		if err := endPub(); err != nil {
			w.failf("Close: %v", err)
		}
		if v := pub.pattern.(*xpub).out.values; len(v.fed) > 0 {
			w.failf("%d peers are still being fed", len(v.fed))
		}
	})
}
