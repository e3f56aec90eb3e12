package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// These tests run in bubbles whose clock stands still while anything runs: counts
// and times are exact.

// serving runs a server of ours, and returns its tallies.
func serving(t *testing.T, server *sockets.Socket) <-chan Tally {
	t.Helper()
	tallies := make(chan Tally, 10)
	go func() {
		if err := Serve(t.Context(), server, 0, func(t Tally) { tallies <- t }); err != nil {
			t.Error(err)
		}
	}()
	return tallies
}

// consistent checks that a result agrees with its JSON and with itself.
func consistent(t *testing.T, r Result) {
	t.Helper()
	var got struct {
		Size, Sent, Messages, Lost float64
		Seconds                    float64
		At                         string  `json:"measured_at"`
		Rate                       float64 `json:"messages_per_second"`
		MBs                        float64 `json:"mb_per_second"`
		Latency                    struct{ Mean, P50, P99, Max float64 }
	}
	if err := json.Unmarshal(r.JSON(), &got); err != nil {
		t.Fatalf("%v: %s", err, r.JSON())
	}
	intervals := got.Messages
	if got.At == "receiver" {
		intervals--
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 0.001 }
	if !near(got.Rate, intervals/got.Seconds) || !near(got.MBs, got.Rate*got.Size/1e6) {
		t.Errorf("the rates do not follow from the counts: %s", r.JSON())
	}
	if r.Measure == Throughput && got.Lost != got.Sent-got.Messages {
		t.Errorf("sent, arrived and lost do not add up: %s", r.JSON())
	}
}

// joined is a bubble with a client and a server that are connected.
type joined struct {
	*testing.T
	client, server *sockets.Socket
	number         []byte // Load.Number
}

func bubble(t *testing.T, p Pair, f func(joined)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, server, number := joinNumbered(t, p)
		f(joined{t, client, server, number})
	})
}

func TestThroughputIsExact(t *testing.T) {
	for _, p := range pairs() {
		if p.Measures()[0] != Throughput {
			continue
		}
		for name, load := range map[string]Load{
			"count":    {Count: 1000},
			"duration": {For: time.Second - time.Microsecond},
		} {
			t.Run(p.String()+" by "+name, func(t *testing.T) {
				bubble(t, p, func(j joined) {
					tallies := serving(j.T, j.server)
					if p.Answered() {
						tallies = nil // the server tells it
					}
					load.Size, load.Rate, load.wait, load.Number = 100, 1000, sleepUntil, j.number
					r, err := load.Measure(whole(j.T), Throughput, p, j.client, tallies)
					if err != nil {
						j.Fatal(err)
					}
					// The first at 0, the last at 999 ms.
					if r.Sent != 1000 || r.Messages != 1000 || r.Elapsed != 999*time.Millisecond || r.At != "receiver" {
						j.Errorf("got %+v, want 1000 messages in 999 ms", r)
					}
					if r.Rate() != 1000 || r.MBs() != 0.1 {
						j.Errorf("got %v messages/s, %v MB/s, want 1000, 0.1", r.Rate(), r.MBs())
					}
					consistent(j.T, r)
				})
			})
		}
	}
}

// Where the server cannot tell, the sender's count ends when all have left.
func TestSenderCountsWhatHasLeft(t *testing.T) {
	p := Pair{sockets.Push, sockets.Pull}
	bubble(t, p, func(j joined) {
		tallies := serving(j.T, j.server)
		r, err := Load{Size: 1, Count: 500, Rate: 1000, wait: sleepUntil}.Measure(whole(j.T), Throughput, p, j.client, nil)
		if err != nil {
			j.Fatal(err)
		}
		if r.Sent != 500 || r.Messages != 500 || r.At != "sender" {
			j.Errorf("got %+v, want 500 messages counted by the sender", r)
		}
		if least := 499 * time.Millisecond; r.Elapsed < least || r.Elapsed > least+50*time.Millisecond {
			j.Errorf("took %v, want 499 ms and little more", r.Elapsed)
		}
		consistent(j.T, r)
		<-tallies // of a client that was there before
		if got, want := <-tallies, (Tally{500, 500, 499 * time.Millisecond}); got != want {
			j.Errorf("the receiver counted %v, want %v", got, want)
		}
	})
}

func TestLatencyIsExact(t *testing.T) {
	for _, p := range pairs() {
		if measures := p.Measures(); measures[len(measures)-1] != Latency {
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			bubble(t, p, func(j joined) {
				answer(j.T, j.server, func(_ int, m frames.Message) frames.Message {
					<-time.After(time.Millisecond)
					return m
				})
				r, err := Load{Size: 100, For: time.Second, Number: j.number}.Measure(whole(j.T), Latency, p, j.client, nil)
				if err != nil {
					j.Fatal(err)
				}
				if r.Sent != 1000 || r.Messages != 950 || r.Elapsed != 950*time.Millisecond {
					j.Errorf("got %+v, want 1000 sent, 950 recorded in 950 ms", r)
				}
				if r.Rate() != 1000 || r.mean() != 1000 {
					j.Errorf("got %v messages/s, %v us in the mean, want 1000, 1000", r.Rate(), r.mean())
				}
				for _, percentile := range percentiles() {
					if got := r.at(percentile); got < 1000 || got > 1001 { // three digits
						j.Errorf("%s is %v us, want 1000", percentileName(percentile), got)
					}
				}
				consistent(j.T, r)
			})
		})
	}
}

// At a rate the latencies are those of a queue: each message waits for those
// before it that are late.
func TestLatencyAtARateIsExact(t *testing.T) {
	const (
		count   = 400
		due     = time.Millisecond
		service = 250 * time.Microsecond
		stall   = 20 * time.Millisecond
		stalled = 200
	)
	var sum, longest, ready time.Duration
	for n := range count {
		took := service
		if n == stalled {
			took = stall
		}
		at := time.Duration(n) * due
		ready = max(ready, at) + took
		if n >= count/20 {
			sum, longest = sum+ready-at, max(longest, ready-at)
		}
	}
	p := Pair{sockets.Req, sockets.Rep}
	bubble(t, p, func(j joined) {
		answer(j.T, j.server, func(n int, m frames.Message) frames.Message {
			if n == stalled {
				<-time.After(stall - service)
			}
			<-time.After(service)
			return m
		})
		r, err := Load{Size: 9, Count: count, Rate: 1000, wait: sleepUntil}.Measure(whole(j.T), Latency, p, j.client, nil)
		if err != nil {
			j.Fatal(err)
		}
		if r.waited != sum || r.Messages != count-count/20 {
			j.Errorf("%d messages waited for %v, want %d and %v", r.Messages, r.waited, count-count/20, sum)
		}
		if got, want := r.at(100), float64(longest.Microseconds()); got < want || got > want*1.001 {
			j.Errorf("the longest took %v us, want %v", got, want)
		}
		if want := (count-count/20)*due - due + service; r.Elapsed != want {
			j.Errorf("took %v, want %v", r.Elapsed, want)
		}
		consistent(j.T, r)
	})
}

// Told to stop in the middle, a measurement reports what it had until then.
func TestInterruptedIsExact(t *testing.T) {
	p := Pair{sockets.Dealer, sockets.Router}
	for _, m := range []Measure{Throughput, Latency} {
		t.Run(m.String(), func(t *testing.T) {
			bubble(t, p, func(j joined) {
				serving(j.T, j.server)
				ends := whole(j.T)
				stop, cancel := context.WithTimeout(j.Context(), 500*time.Millisecond+time.Microsecond)
				defer cancel()
				ends.Stop = stop
				r, err := Load{Size: 100, For: time.Hour, Rate: 1000, wait: sleepUntil}.Measure(ends, m, p, j.client, nil)
				if err != nil {
					j.Fatal(err)
				}
				if m == Throughput && (r.Sent != 501 || r.Messages != 501 || r.Elapsed != 500*time.Millisecond) {
					j.Errorf("got %+v, want 501 in 500 ms", r)
				}
				if m == Throughput {
					consistent(j.T, r)
				}
				if m == Latency && r.Sent != 501 { // all of them within the first second
					j.Errorf("got %+v, want 501 sent", r)
				}
			})
		})
	}
}

// A round trip that a signal ends before it was due does not count: it would have
// taken less than no time.
func TestInterruptedPauseCountsNothing(t *testing.T) {
	p := Pair{Client: sockets.Req, Server: sockets.Rep}
	bubble(t, p, func(j joined) {
		serving(j.T, j.server)
		ends, stop := whole(j.T), context.CancelFunc(nil)
		ends.Stop, stop = context.WithCancel(j.Context())
		load := Load{Size: 9, For: time.Hour, Rate: 1, wait: func(ctx context.Context, due time.Time) {
			if time.Until(due) > 0 {
				stop()
				return
			}
			sleepUntil(ctx, due)
		}}
		r, err := load.Measure(ends, Latency, p, j.client, nil)
		synctest.Wait()
		if n := j.server.Stats().Received; err != nil || r.Sent != 1 || n != 1 {
			t.Errorf("%d made, %d requests: %v", r.Sent, n, err)
		}
	})
}

func TestServerLeavesInTheMiddle(t *testing.T) {
	for _, p := range []Pair{{sockets.Dealer, sockets.Router}, {sockets.Push, sockets.Pull}, {sockets.Req, sockets.Rep}} {
		for _, m := range p.Measures() {
			t.Run(p.String()+" "+m.String(), func(t *testing.T) {
				bubble(t, p, func(j joined) {
					serving(j.T, j.server)
					gone, leave := context.WithCancel(j.Context())
					defer leave()
					time.AfterFunc(2*time.Second+time.Microsecond, func() {
						_ = j.server.Close() // the end of Serve
						leave()
					})
					ends := whole(j.T)
					ends.Gone = gone
					load := Load{Size: 100, For: time.Hour, Rate: 1000, wait: sleepUntil}
					r, err := load.Measure(ends, m, p, j.client, nil)
					if !errors.Is(err, ErrGone) {
						j.Fatalf("got %v, want ErrGone", err)
					}
					if r.Sent != 2001 {
						j.Errorf("%d were sent, want 2001", r.Sent)
					}
					if m == Latency && r.Messages != 1001 { // those behind the first second
						j.Errorf("%d were recorded, want 1001", r.Messages)
					}
				})
			})
		}
	}
}
