package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// broker is one run of the proxy command: it opens the two sides, the captures
// and the control, lets the library's proxy run, and closes all of them.
type broker struct {
	*life
	command  command
	asked    *proxyConfig
	options  sockets.Options
	shown    Output // of what --capture - prints
	monitor  *monitor
	granted  *access.Access
	sides    [2]*sockets.Socket
	captures []capture
	control  *sockets.Socket
	joined   *sockets.Proxy
	bound    []string // the resolved endpoints: front, back, capture, control
}

// newBroker gives a broker its parts.
func newBroker(c *config, std streams) *broker {
	return &broker{
		command: c.command, asked: proxyOf(c), options: c.options, shown: c.Output,
		life: newLife(lifeOf(c), std),
	}
}

// mediate runs a proxy to its end and returns the exit status.
func mediate(c *config, std streams) status {
	b := newBroker(c, std)
	if c.summary {
		b.atEnd = b.summarise
	}
	return b.lead(func() {
		err := b.openAll(c, std.out)
		if err == nil {
			err = b.run()
		}
		b.conclude(err)
	})
}

// openAll opens everything, in the order of the endpoint file.
func (b *broker) openAll(c *config, stdout io.Writer) (err error) {
	describe(c.command, c.options, b.say)
	if b.monitor, err = newMonitor(watched(c), b.say, func() {}); err != nil {
		return err
	}
	if b.granted, err = b.grant(c.access); err != nil {
		return err
	}
	p := b.asked
	for i, side := range p.sides {
		if b.sides[i], err = b.open(sockets.Side(i).String(), side); err != nil {
			return fmt.Errorf("%v: %w", sockets.Side(i), err)
		}
	}
	b.tally.hears(b.monitor)
	for i, socket := range b.sides {
		b.tally.watch(socket)
		if err := b.subscribe(sockets.Side(i)); err != nil {
			return err
		}
	}
	for _, name := range p.captures {
		c, err := b.openCapture(name, stdout)
		if err != nil {
			return err
		}
		b.captures = append(b.captures, c)
	}
	if p.control != "" {
		if b.control, err = b.open("control", sideConfig{sockets.Rep, []attachment{{p.control, true}}}); err != nil {
			return fmt.Errorf("--control: %w", err)
		}
	}
	var takes []func(sockets.Side, *frames.Batch)
	for _, c := range b.captures {
		takes = append(takes, c.take)
	}
	if b.say.says(levelMessages) {
		takes = append(takes, func(from sockets.Side, batch *frames.Batch) { b.say.messages(from.String()+" sent", batch) })
	}
	joined, err := sockets.NewProxy(b.sides[sockets.Front], b.sides[sockets.Back], sockets.ProxyOptions{Capture: takes})
	if err != nil {
		return err
	}
	b.joined = joined
	b.tally.joins(b.joined)
	return nil
}

// open makes the socket of a part and attaches it. It is closed again where that fails.
func (b *broker) open(part string, side sideConfig) (*sockets.Socket, error) {
	socket, err := sockets.New(side.kind, func(o *sockets.Options) {
		*o = fitted(b.options, side.kind)
		o.Monitor = b.monitor.see
		if b.asked.secures(part) {
			b.granted.Secure(o, slices.ContainsFunc(side.endpoints, func(a attachment) bool { return a.bind }))
		}
	})
	if err != nil {
		return nil, &usageError{err.Error(), b.command.line("--help")}
	}
	b.opens(socket)
	for _, a := range side.endpoints {
		if err := b.attach(socket, a); err != nil {
			_ = socket.CloseContext(b.stop) // nothing is queued
			return nil, err
		}
	}
	return socket, nil
}

func (b *broker) attach(socket *sockets.Socket, a attachment) error {
	if !a.bind {
		if err := socket.Connect(a.endpoint); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		return nil
	}
	resolved, err := socket.Bind(b.stop, a.endpoint)
	if err != nil {
		return bindFailed(a.endpoint, err, func(string) string {
			return b.command.program + " proxy tcp://127.0.0.1:* tcp://127.0.0.1:*"
		})
	}
	b.bound = append(b.bound, resolved)
	b.say.announce(a.endpoint, resolved)
	return nil
}

// subscribe has a side receive everything where no subscriptions come from the
// other: only an XPUB hands them on, and only an XSUB takes them.
func (b *broker) subscribe(side sockets.Side) error {
	kind, other := b.sides[side].Type(), b.sides[1-side].Type()
	if kind == sockets.Sub || kind == sockets.XSub && other != sockets.XPub {
		if err := b.sides[side].Subscribe(nil); err != nil {
			return fmt.Errorf("subscribing: %w", err)
		}
	}
	return nil
}

// run lets the proxy run until a signal, TERMINATE or a failure ends it.
func (b *broker) run() error {
	finish, err := b.serveMetrics()
	if err != nil {
		return err
	}
	defer finish()
	if err := b.place.publish(b.bound); err != nil {
		return err
	}
	if b.control != nil {
		// It ends when the socket is closed.
		go func() {
			if err := b.joined.Steer(b.hard, b.control); err != nil {
				b.verdict.add(statusFailed)
				b.say.fail("--control: %v", err)
			}
		}()
	}
	go func() {
		// TERMINATE and a failure leave no more time than a signal does.
		<-b.joined.Ended()
		b.wind()
	}()
	silence := b.reportStats()
	defer silence()
	return b.joined.Run(b.stop, b.hard)
}

// conclude says why the proxy ended, lingers, closes, and counts what was lost.
func (b *broker) conclude(err error) {
	b.limitEnd()
	var (
		refused *sockets.RefusedError
		unsent  *sockets.UnsentError
		left    atomic.Int64
	)
	switch {
	case b.stop.Err() != nil && errors.Is(err, b.stop.Err()):
		err = nil // a signal, while an endpoint was looked up
	case errors.As(err, &unsent):
		left.Add(int64(unsent.Messages))
		err = nil
	}
	b.verdict.add(ofError(err))
	ctx := b.hard
	if errors.As(err, &refused) {
		// There is nobody left to linger for.
		gone, cancel := context.WithCancel(ctx)
		cancel()
		ctx = gone
	}
	if err != nil && (refused == nil || !b.monitor.told(refused.Endpoint)) {
		b.say.failure(err)
	}
	var closing sync.WaitGroup
	for _, socket := range []*sockets.Socket{b.sides[sockets.Front], b.sides[sockets.Back], b.control} {
		if socket == nil {
			continue
		}
		closing.Go(func() {
			var unsent *sockets.UnsentError
			if errors.As(socket.CloseContext(ctx), &unsent) && socket != b.control {
				left.Add(int64(unsent.Messages))
			}
		})
	}
	for _, c := range b.captures {
		closing.Go(func() { c.close(ctx) })
	}
	closing.Wait()
	if b.monitor != nil {
		b.hush(b.monitor)
	}
	b.tally.leave(uint64(left.Load()))
	b.sum(int(left.Load()))
}

// sum says at the end what did not arrive.
func (b *broker) sum(left int) {
	if b.joined == nil {
		return
	}
	if b.asked.stats > 0 {
		b.sayStats()
	}
	if left > 0 {
		b.verdict.add(statusUnsent)
		b.say.fail("%s left unsent", plural(left, "message"))
	}
	front, back := b.joined.Stats()
	if n := front.Dropped + back.Dropped; n > 0 {
		b.say.notice("%s dropped for peers that were too slow, gone or unknown", plural(n, "message"))
	}
	b.say.strangers(b.sides[sockets.Front].Stats(), b.sides[sockets.Back].Stats())
	for _, c := range b.captures {
		if n := c.missed(); n > 0 {
			b.say.notice("%s not captured by %s", plural(n, "message"), c.name)
		}
	}
}
