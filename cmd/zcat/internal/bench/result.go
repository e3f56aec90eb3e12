package bench

import (
	"fmt"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/zcat/zcat/pkg/frames"
)

// Result has the measurements.
type Result struct {
	Pair     Pair
	Measure  Measure
	Endpoint string
	Size     int           // bytes of a body
	Sent     uint64        // messages, 0 where the sender was somebody else
	Messages uint64        // that arrived; for latency, round trips that were recorded
	Elapsed  time.Duration // the time they took
	At       string        // where that was measured: "sender", "receiver"

	latency *hdrhistogram.Histogram // nil for throughput
	waited  time.Duration           // the sum of those latencies
}

// Lost returns the number of messages that did not arrive.
func (r Result) Lost() uint64 {
	if r.Measure == Latency || r.Sent < r.Messages {
		return 0
	}
	return r.Sent - r.Messages
}

// Rate returns messages per second. Between the first and the last message of a
// receiver lies one message less than it received.
func (r Result) Rate() float64 {
	n := float64(r.Messages)
	if r.At == "receiver" {
		n--
	}
	if r.Elapsed <= 0 || n <= 0 {
		return 0
	}
	return n / r.Elapsed.Seconds()
}

// MBs returns the bodies per second in units of 1,000,000 bytes, one way only.
func (r Result) MBs() float64 { return r.Rate() * float64(r.Size) / 1e6 }

// percentiles lists the percentiles of a latency that are reported.
func percentiles() []float64 { return []float64{50, 90, 99, 99.9, 100} }

// percentileName returns "p50", "p99.9" or "max".
func percentileName(p float64) string {
	if p == 100 {
		return "max"
	}
	return "p" + strconv.FormatFloat(p, 'f', -1, 64)
}

// at returns a percentile of the latency in microseconds.
func (r Result) at(percentile float64) float64 {
	return float64(r.latency.ValueAtPercentile(percentile)) / 1e3
}

// mean returns the mean latency in microseconds.
func (r Result) mean() float64 {
	if r.Messages == 0 {
		return 0
	}
	return float64(r.waited.Nanoseconds()) / float64(r.Messages) / 1e3
}

// JSON is the result as a line of JSON.
func (r Result) JSON() []byte {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }
	dst := fmt.Appendf(nil, `{"sockets":%q,"measure":%q,"endpoint":`, r.Pair, r.Measure)
	dst = frames.AppendJSONString(dst, r.Endpoint)
	dst = fmt.Appendf(dst, `,"size":%d,"sent":%d,"messages":%d,"lost":%d,"seconds":%s,"measured_at":%q`,
		r.Size, r.Sent, r.Messages, r.Lost(), strconv.FormatFloat(r.Elapsed.Seconds(), 'f', 9, 64), r.At)
	dst = fmt.Appendf(dst, `,"messages_per_second":%s,"mb_per_second":%s`, number(r.Rate()), number(r.MBs()))
	if r.latency != nil {
		dst = fmt.Appendf(dst, `,"latency_us":{"mean":%s`, number(r.mean()))
		for _, p := range percentiles() {
			dst = fmt.Appendf(dst, `,%q:%s`, percentileName(p), number(r.at(p)))
		}
		dst = append(dst, '}')
	}
	return append(dst, '}', '\n')
}
