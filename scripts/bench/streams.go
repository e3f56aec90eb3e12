//go:build linux

package main

import "fmt"

// rate returns the metric of most contests.
func rate() []metric { return []metric{{"rate", "msg/s", false}} }

// streams compares PUSH to PULL, one way.
func (b *bench) streams() (all []contest) {
	sizes := []int{16, 100, 1 << 10, 64 << 10, 1 << 20}
	goals := map[string][]float64{"tcp": {5, 3, 2.5, 1, 1}, "ipc": {5, 4, 3, 2, 1.2}}
	mixed := []float64{0.6, 0.6, 1, 0, 0}
	for _, transport := range []string{"tcp", "ipc"} {
		for i, size := range sizes {
			one := func(name string, from, to tool, goal float64) entry {
				return entry{name, func(g *group) ([]float64, error) {
					return b.stream(g, from, to, transport, size, "")
				}, ratios(goal)}
			}
			entries := []entry{
				one("libzmq", b.c, b.c, 0),
				one("ours", b.ours, b.ours, goals[transport][i]),
				one("ours to libzmq", b.ours, b.c, mixed[i]),
				one("libzmq to ours", b.c, b.ours, mixed[i]),
			}
			if transport == "tcp" {
				entries = append(entries, one(b.zmq4.name, b.zmq4, b.zmq4, 0))
			}
			all = append(all, contest{
				fmt.Sprintf("push to pull, %s, %s", transport, bytesText(size)), rate(), entries,
			})
		}
	}
	return all
}

// webs compares the same over WebSocket with tcp: libzmq in C has none.
func (b *bench) webs() (all []contest) {
	for _, size := range []int{100, 1 << 10, 64 << 10} {
		one := func(name, transport string, goal float64) entry {
			return entry{name, func(g *group) ([]float64, error) {
				return b.stream(g, b.ours, b.ours, transport, size, "")
			}, ratios(goal)}
		}
		all = append(all, contest{"push to pull, tcp and ws, " + bytesText(size), rate(), []entry{one("tcp", "tcp", 0), one("ws", "ws", 0.5)}})
	}
	return all
}

// encrypted compares the same through CURVE.
func (b *bench) encrypted() (all []contest) {
	for _, size := range []int{100, 1 << 10, 64 << 10} {
		one := func(name string, from, to tool, goal float64) entry {
			return entry{name, func(g *group) ([]float64, error) {
				return b.stream(g, from, to, "tcp", size, "!")
			}, ratios(goal)}
		}
		all = append(all, contest{
			"curve, push to pull, tcp, " + bytesText(size), rate(), []entry{
				one("libzmq", b.c, b.c, 0), one("ours", b.ours, b.ours, 1),
				one("ours to libzmq", b.ours, b.c, 0.5), one("libzmq to ours", b.c, b.ours, 0.5),
			},
		})
	}
	return all
}

func (b *bench) stream(g *group, from, to tool, transport string, size int, mechanism string) ([]float64, error) {
	receiver, err := g.start(to.path, "pull", mechanism+"@"+b.fresh(transport), text(size))
	if err != nil {
		return nil, err
	}
	endpoint, err := receiver.line()
	if err != nil {
		return nil, err
	}
	sender, err := g.start(from.path, "push", mechanism+">"+endpoint, text(size), text(b.seconds))
	if err != nil {
		return nil, err
	}
	return outcome(receiver, sender)
}

// outcome returns the rate that a receiver prints, once all have ended well.
func outcome(receiver *process, others ...*process) ([]float64, error) {
	var messages, seconds float64
	if err := receiver.numbers(&messages, &seconds); err != nil {
		return nil, err
	}
	for _, p := range append(others, receiver) {
		if err := p.finish(); err != nil {
			return nil, err
		}
	}
	return []float64{messages / seconds}, nil
}

// fanOuts compares one PUB to many SUB; the subscribers are ours in either case,
// because they are cheap.
func (b *bench) fanOuts() (all []contest) {
	goals := []float64{8, 4, 2, 1}
	for i, size := range []int{16, 100, 1 << 10, 64 << 10} {
		for _, subscribers := range []int{1, 10, 100} {
			one := func(from tool, goal float64) entry {
				return entry{from.name, func(g *group) ([]float64, error) {
					return b.fanOut(g, from, size, subscribers)
				}, ratios(goal)}
			}
			all = append(all, contest{
				fmt.Sprintf("pub to %d sub, tcp, %s", subscribers, bytesText(size)),
				[]metric{{"deliveries", "msg/s", false}},
				[]entry{one(b.c, 0), one(b.ours, goals[i])},
			})
		}
	}
	return all
}

func (b *bench) fanOut(g *group, from tool, size, subscribers int) ([]float64, error) {
	seconds := b.seconds
	if size*subscribers > 1<<20 {
		// libzmq queues 1000 messages for each subscriber at once, and delivers them for
		// seconds, however short its work; what 100 connections cost at first would count
		// for ours alone.
		seconds = max(seconds, 2)
	}
	sender, err := g.start(from.path, "pub", "@"+b.fresh("tcp"), text(size), text(seconds), text(subscribers))
	if err != nil {
		return nil, err
	}
	endpoint, err := sender.line()
	if err != nil {
		return nil, err
	}
	receiver, err := g.start(b.ours.path, "sub", ">"+endpoint, text(size), "0", text(subscribers))
	if err != nil {
		return nil, err
	}
	return outcome(receiver, sender)
}
