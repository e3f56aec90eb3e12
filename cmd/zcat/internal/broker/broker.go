// Package broker is the proxy command: two sockets joined, their captures, their control
// and what is told of them.
package broker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// broker is one run of the proxy command: it opens the two sides, the captures
// and the control, lets the library's proxy run, and closes all of them.
type broker struct {
	*life.Life
	command line.Command
	// elsewhere makes the command line with another endpoint in the place of one that is taken.
	elsewhere func(taken, endpoint string) string
	asked     *proxyConfig
	options   sockets.Options
	groups    [][]byte    // that a DISH joins
	shown     line.Output // of what --capture - prints
	monitor   *life.Monitor
	granted   *access.Access
	sides     [2]*sockets.Socket
	Captures  capture.Captures
	control   *sockets.Socket
	Joined    *sockets.Proxy
	between   *between // nil without --filter
	skips     bool     // bad lines of that are passed over
	bound     []string // the resolved endpoints: front, back, capture, control
	std       say.Streams
}

// New gives a broker its parts.
func New(c *line.Config, std say.Streams) *broker {
	return &broker{
		command: c.Command, elsewhere: c.Elsewhere, asked: ProxyOf(c), options: c.Options, groups: c.Groups, shown: c.Output,
		Life: life.New(life.Asked(c), std), skips: c.SkipInvalid, std: std,
	}
}

// mediate runs a proxy to its end and returns the exit status.
func mediate(c *line.Config, std say.Streams) outcome.Status {
	b := New(c, std)
	if c.Summary {
		b.AtEnd = b.summarise
	}
	return b.Lead(func() {
		err := b.OpenAll(c, std.Out)
		if err == nil {
			err = b.run()
		}
		b.Conclude(err)
	})
}

// OpenAll opens everything, in the order of the endpoint file.
func (b *broker) OpenAll(c *line.Config, stdout io.Writer) (err error) {
	flags.Describe(c.Command, c.Options, b.Say)
	if b.monitor, err = life.NewMonitor(life.Watched(c), b.Say, func() {}); err != nil {
		return err
	}
	if b.granted, err = b.Grant(c.Access); err != nil {
		return err
	}
	p := b.asked
	for i, side := range p.Sides {
		if b.sides[i], err = b.open(sockets.Side(i).String(), side); err != nil {
			return fmt.Errorf("%v: %w", sockets.Side(i), err)
		}
	}
	b.Tally.Hears(b.monitor)
	for i, socket := range b.sides {
		b.Tally.Watch(socket, &b.options)
		if err := b.subscribe(sockets.Side(i)); err != nil {
			return err
		}
	}
	if b.Captures, err = capture.Open(&p.Capture, b.place(stdout)); err != nil {
		return err
	}
	if p.control != "" {
		if b.control, err = b.open("control", sideConfig{sockets.Rep, []line.Attachment{{Endpoint: p.control, Bind: true}}}); err != nil {
			return fmt.Errorf("--control: %w", err)
		}
	}
	var takes []func(sockets.Side, *frames.Batch)
	if len(b.Captures) > 0 {
		takes = append(takes, func(from sockets.Side, batch *frames.Batch) { b.Captures.Take(from.String(), "", batch) })
	}
	if b.Say.Says(say.LevelMessages) {
		takes = append(takes, func(from sockets.Side, batch *frames.Batch) { b.Say.Messages(from.String()+" sent", batch) })
	}
	if err := b.startFilter(); err != nil {
		return err
	}
	asked := sockets.ProxyOptions{Capture: takes}
	if w := b.between; w != nil {
		asked.Divert = w.divert
		asked.Backlog = func(to sockets.Side, id []byte) bool { return w.OthersWait(to.String(), id) }
	}
	joined, err := sockets.NewProxy(b.sides[sockets.Front], b.sides[sockets.Back], asked)
	if err != nil {
		return err
	}
	b.Joined = joined
	b.Tally.Joins(b.Joined)
	if b.asked.lastValue {
		b.Tally.Keeps()
	}
	return nil
}

// open makes the socket of a part and attaches it. It is closed again where that fails.
func (b *broker) open(part string, side sideConfig) (*sockets.Socket, error) {
	socket, err := sockets.New(side.Kind, func(o *sockets.Options) {
		*o = flags.Fitted(b.options, side.Kind)
		o.Monitor = b.monitor.See
		o.HoldsUp = b.asked.Filter != ""                  // what fills a side stops the reading of the other
		o.Mandatory = o.Mandatory && b.asked.Filter != "" // without one there is nobody to tell
		b.asked.keep(part, o)
		o.Unanswered = b.asked.told.Top
		o.Presence = b.asked.Presence && part != "capture" && part != "control"
		if b.asked.secures(part) {
			b.granted.Secure(o, slices.ContainsFunc(side.Endpoints, func(a line.Attachment) bool { return a.Bind }))
		}
	})
	if err != nil {
		return nil, &outcome.UsageError{Sentence: err.Error(), Hint: b.command.Line("--help")}
	}
	b.Opens(socket)
	for _, a := range side.Endpoints {
		if err := b.attach(socket, a); err != nil {
			_ = socket.CloseContext(b.Stop) // nothing is queued
			return nil, err
		}
	}
	return socket, nil
}

func (b *broker) attach(socket *sockets.Socket, a line.Attachment) error {
	if !a.Bind {
		if err := socket.Connect(a.Endpoint); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		return nil
	}
	resolved, err := socket.Bind(b.Stop, a.Endpoint)
	if err != nil {
		return line.BindFailed(a.Endpoint, err, func(endpoint string) string { return b.elsewhere(a.Endpoint, endpoint) })
	}
	b.bound = append(b.bound, resolved)
	b.Say.Announce(a.Endpoint, resolved)
	return nil
}

// subscribe makes a side receive everything where no subscriptions come from the
// other: only an XPUB passes them on, and only an XSUB takes them. With --last-value
// everything is to be kept, whoever has subscribed to it.
func (b *broker) subscribe(side sockets.Side) error {
	kind, other := b.sides[side].Type(), b.sides[1-side].Type()
	if kind.Traits().Subscribes && (!passesSubscriptions(kind, other) || b.asked.lastValue) {
		if err := b.sides[side].Subscribe(nil); err != nil {
			return fmt.Errorf("subscribing: %w", err)
		}
	}
	if kind.Traits().Joins {
		for _, group := range b.groups {
			if err := b.sides[side].Join(group); err != nil {
				return fmt.Errorf("joining: %w", err)
			}
		}
	}
	return nil
}

// run lets the proxy run until a signal, TERMINATE or a failure ends it.
func (b *broker) run() error {
	finish, err := b.ServeMetrics()
	if err != nil {
		return err
	}
	defer finish()
	if err := b.Place.Publish(b.bound); err != nil {
		return err
	}
	b.Ready()
	if b.control != nil {
		// It ends when the socket is closed.
		go func() {
			if err := b.Joined.Steer(b.Hard, b.control); err != nil {
				b.Verdict.Add(outcome.Failed)
				b.Say.Fail("--control: %v", err)
			}
		}()
	}
	go func() {
		// After TERMINATE or a failure there is no more time than after a signal.
		<-b.Joined.Ended()
		b.Wind()
	}()
	defer life.Every(b.asked.told.Stats, b.sayStats)()
	if b.asked.told.Top {
		defer top.Show(b.std, b.top)()
	}
	if b.between == nil {
		return b.Joined.Run(b.Stop, b.Hard)
	}
	b.between.begin()
	waiting, err := unforwarded(b.Joined.Run(b.Stop, b.Hard))
	b.between.Miss(uint64(waiting)) // the command was to have them first
	return errors.Join(err, b.between.finish())
}

// unforwarded takes out of an error how many messages could not be passed on, and returns
// what else it says.
func unforwarded(err error) (messages int, rest error) {
	var unsent *sockets.UnsentError
	if !errors.As(err, &unsent) {
		return 0, err
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return unsent.Messages, nil
	}
	var others []error
	for _, part := range several.Unwrap() {
		n, other := unforwarded(part)
		messages += n
		others = append(others, other)
	}
	return messages, errors.Join(others...)
}

// ServeMetrics answers Prometheus, where it was asked for, until finish is called.
func (b *broker) ServeMetrics() (finish func(), err error) {
	if b.asked.told.Address == "" {
		return func() {}, nil
	}
	return metrics.Serve(b.Stop, b.asked.told.Address, b.Say, b.metrics)
}

// Conclude reports the reason for which the proxy ended, lingers, closes, and
// counts what was lost.
func (b *broker) Conclude(err error) {
	b.LimitEnd()
	var (
		refused *sockets.RefusedError
		left    atomic.Int64
	)
	waiting, err := unforwarded(err)
	switch {
	case b.Stop.Err() != nil && errors.Is(err, b.Stop.Err()):
		err = nil // a signal, while an endpoint was looked up
	case outcome.EndedAsAsked(err):
		err = nil
	}
	left.Add(int64(waiting))
	b.Verdict.Add(outcome.OfError(err))
	ctx := b.Hard
	if errors.As(err, &refused) {
		// There is nobody left to linger for.
		gone, cancel := context.WithCancel(ctx)
		cancel()
		ctx = gone
	}
	if err != nil && (refused == nil || !b.monitor.Told(refused.Endpoint)) {
		b.Say.Failure(err)
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
				b.Tally.Undo(socket, unsent.Messages)
			}
		})
	}
	closing.Go(func() { b.Captures.Close(ctx) })
	closing.Wait()
	if b.monitor != nil {
		b.Hush(b.monitor)
	}
	if w := b.between; w != nil {
		left.Add(int64(w.Unsent()))
	}
	b.Tally.Leave(uint64(left.Load()))
	b.sum(int(left.Load()))
}

// sum reports at the end what did not arrive.
func (b *broker) sum(left int) {
	if b.Joined == nil {
		return
	}
	if b.asked.told.Reports(b.Say) {
		b.sayStats()
	}
	lost := uint64(0)
	for _, side := range b.sides {
		stats := side.Stats()
		left += int(stats.Unmet)
		lost += stats.Lost
	}
	if left > 0 {
		b.Verdict.Add(outcome.Unsent)
	}
	b.Say.Left(uint64(left), lost, "")
	all := b.stats()
	if dropped := all[0].Dropped + all[1].Dropped; dropped > lost {
		b.Say.Notice("%s dropped for peers that were too slow, gone or unknown", say.Plural(dropped-lost, "message"))
	}
	b.sumKept()
	if w := b.between; w != nil {
		w.Sum(0) // those that waited are among the missed
		b.Tally.Miss(w.Unread())
		if n := w.Filtered(); n > 0 {
			b.Say.Event("%s filtered", say.Plural(n, "message"))
		}
	}
	b.Say.Strangers(b.sides[sockets.Front].Stats(), b.sides[sockets.Back].Stats())
	b.Captures.Sum(b.Say)
}
