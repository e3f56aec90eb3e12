//go:build linux

package main

import (
	"errors"
	"fmt"
)

// The agreement of `zcat bench` with a program that measures as libzmq's own do:
// each is the other's peer. Both ends of a stream report its rate, so that one flow
// is measured twice. Each end has a processor of its own, where there are two: else
// the end that is quicker leaves time to the other, and libzmq with zcat is faster
// than libzmq with libzmq.
const (
	sameFlow  = 1.1 // between what the two ends of a stream say
	sameSpeed = 1.3 // between runs
)

// agreementSeconds is longer than a mere comparison needs: a sender cannot see what
// the other side's system has taken and its program still has to read.
func (b *bench) agreementSeconds() string { return text(max(1, 2*b.seconds)) }

func (b *bench) agreement() (all []contest) {
	for _, size := range []int{16, 100, 1 << 10, 64 << 10} {
		all = append(all, b.agreedStream("tcp", size, false))
	}
	for _, size := range []int{100, 1 << 10} {
		all = append(all, b.agreedStream("tcp", size, true))
	}
	for _, types := range []string{"req:rep", "dealer:router"} {
		for _, transport := range []string{"tcp", "ipc"} {
			all = append(all, b.agreedLatency(types, transport))
		}
	}
	return all
}

// agreedStream wants libzmq's slower role to be as fast with zcat at the other end
// as both roles together.
func (b *bench) agreedStream(transport string, size int, curve bool) contest {
	name := fmt.Sprintf("agreement, push to pull, %s, %s", transport, bytesText(size))
	if curve {
		name = "curve, " + name
	}
	var slower []float64 // of the round
	one := func(title string, from, to meter, goals ...goal) entry {
		return entry{title, func(g *group) ([]float64, error) {
			got, err := b.flowBetween(g, from, to, transport, size, curve)
			if err == nil && from.zcat != to.zcat && (slower == nil || got[0] < slower[0]) {
				slower = got
			}
			return got, err
		}, goals}
	}
	// zcat's count at a sender is compared with what the receiver says.
	flow := []goal{{}, {value: 1, within: sameFlow}}
	metrics := []metric{{"rate", "msg/s", false}, {"sender's to receiver's", "", false}}
	return contest{
		name, metrics,
		[]entry{
			one("libzmq", libzmqMeter(), libzmqMeter()),
			one("zcat to libzmq", zcatMeter(), libzmqMeter(), flow...),
			one("libzmq to zcat", libzmqMeter(), zcatMeter()),
			{"the slower of those", func(*group) ([]float64, error) {
				got := slower
				if slower = nil; got == nil {
					return nil, errors.New("neither ran")
				}
				return got, nil
			}, []goal{{ratio: 1, within: sameSpeed}, {}}},
			one("zcat", zcatMeter(), zcatMeter(), flow...),
		},
	}
}

// agreedLatency wants the round trips between zcat and libzmq to take no less than
// those of the quicker of them with itself, and no more than those of the slower.
func (b *bench) agreedLatency(types, transport string) contest {
	between := []goal{{between: true, within: sameFlow}, {}}
	one := func(title string, from, to meter, goals ...goal) entry {
		return entry{title, func(g *group) ([]float64, error) {
			return b.latencyBetween(g, from, to, transport, types)
		}, goals}
	}
	return contest{
		fmt.Sprintf("agreement, %s, %s, 100 B", types, transport),
		[]metric{{"p50", "us", true}, {"p99", "us", true}},
		[]entry{
			one("libzmq", libzmqMeter(), libzmqMeter()),
			one("zcat to libzmq", zcatMeter(), libzmqMeter(), between...),
			one("libzmq to zcat", libzmqMeter(), zcatMeter(), between...),
			one("zcat", zcatMeter(), zcatMeter()),
		},
	}
}
