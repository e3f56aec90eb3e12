// Package benchmark is the command that measures throughput and latency.
package benchmark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/sockets"
)

// benchmark is one run of the bench command: a server, a client, or both.
type benchmark struct {
	*life.Life
	command line.Command
	asked   *benchConfig
	line.Socket
	limits  bench.Load // but for the size
	monitor *life.Monitor
	granted *access.Access
	out     io.Writer
	titled  bool // the table has its first line
	latest  bool // what is being measured is the last

	drawing *drawing // nil without --svg
	results []bench.Result

	printing sync.Mutex
	printed  bool // all that there is to print
}

// measure runs a bench to its end and returns the exit status.
func measure(c *line.Config, std say.Streams) outcome.Status {
	b := &benchmark{command: c.Command, asked: BenchOf(c), Socket: c.Socket, limits: loadOf(c), Life: life.New(life.Asked(c), std), out: std.Out}
	return b.Lead(func() {
		flags.Describe(c.Command, c.Options, b.Say)
		var err error
		if b.monitor, err = life.NewMonitor(life.Watched(c), b.Say, b.Halt); err != nil {
			b.Verdict.Add(outcome.OfError(err))
			b.Say.Failure(err)
			return
		}
		if b.granted, err = b.Grant(c.Access); err == nil && benchAlone(c) {
			err = b.granted.Befriend()
		}
		if err != nil {
			b.conclude(err)
			return
		}
		if b.drawing, err = openDrawing(b.asked.svg); err != nil {
			b.conclude(err)
			return
		}
		stream.WatchClosed(std.Out, b.desert)
		switch {
		case b.asked.Serves:
			err = b.serve()
		default:
			err = errors.Join(b.measureAll(), b.drawing.draw(b.results))
		}
		b.conclude(err)
	})
}

// open makes a socket of one side. What only one of the sides needs of the
// options is chosen here.
func (b *benchmark) open(kind sockets.Type, serve bool) (*sockets.Socket, error) {
	return b.watched(kind, serve, b.monitor.See)
}

func (b *benchmark) watched(kind sockets.Type, serve bool, see func(sockets.Event)) (*sockets.Socket, error) {
	has := kind.Traits()
	socket, err := sockets.New(kind, func(o *sockets.Options) {
		*o = flags.Fitted(b.Options, kind)
		o.Monitor = see
		// Nothing may be lost on the way; a client that has gone gets no answer.
		o.NoDrop, o.Mandatory = has.Publishes, has.Addressed && !serve
		o.Immediate = o.Immediate && !has.Numbered // it numbers its server at once, and waits for it all the same
		if has.Announces && has.Addressed && serve {
			o.Identity = []byte(bench.RouterID)
		}
		b.granted.Secure(o, serve)
	})
	if err != nil {
		return nil, &outcome.UsageError{Sentence: err.Error(), Hint: b.command.Line("--help")}
	}
	b.Opens(socket)
	if has.Subscribes {
		return socket, socket.Subscribe(nil)
	}
	if has.Joins {
		return socket, socket.Join([]byte(bench.Group))
	}
	return socket, nil
}

// discard closes a socket without its linger.
func (b *benchmark) discard(socket *sockets.Socket) {
	gone, cancel := context.WithCancel(b.Hard)
	cancel()
	_ = socket.CloseContext(gone) // what is left is of no use to anybody
}

// serve is the other side of another process's measurements.
func (b *benchmark) serve() error {
	pair := b.asked.pairs[0]
	socket, err := b.open(pair.Server, true)
	if err != nil {
		return err
	}
	defer b.discard(socket)
	var bound []string
	for _, a := range b.Endpoints {
		resolved, err := socket.Bind(b.Stop, a.Endpoint)
		if err != nil {
			return fmt.Errorf("bind: %w", err)
		}
		bound = append(bound, resolved)
		b.Say.Announce(a.Endpoint, resolved)
	}
	if err := b.Place.Publish(bound); err != nil {
		return err
	}
	b.Ready()
	var failed error
	err = bench.Serve(b.Stop, socket, b.limits.Count, func(t bench.Tally) {
		if t.Messages == 0 {
			return
		}
		r := bench.Result{
			Pair: pair, Size: int(t.Bytes / t.Messages), Endpoint: bound[0],
			Messages: t.Messages, Elapsed: t.Elapsed, At: "receiver",
		}
		if err := b.print(r); err != nil {
			failed = err
			b.Halt()
		}
	})
	return errors.Join(failed, err)
}

// desert ends a bench whose reader of stdout is gone, unless all is printed.
func (b *benchmark) desert() {
	b.printing.Lock()
	defer b.printing.Unlock()
	if !b.printed {
		b.ReaderGone()
	}
}

// measureAll takes one measurement after another.
func (b *benchmark) measureAll() error {
	type measurement struct {
		at   line.Attachment
		pair bench.Pair
		what bench.Measure
		size int
	}
	var all []measurement
	for _, a := range b.Endpoints {
		for _, pair := range b.asked.pairs {
			for _, what := range b.asked.wanted(pair) {
				for _, size := range b.asked.sizes {
					all = append(all, measurement{a, pair, what, size})
				}
			}
		}
	}
	for i, m := range all {
		b.latest = i == len(all)-1
		if err := b.measureOne(m.at, m.pair, m.what, b.load(m.size)); err != nil || b.Stop.Err() != nil {
			return err
		}
	}
	return nil
}

// measureOne takes one measurement with sockets of its own.
func (b *benchmark) measureOne(a line.Attachment, pair bench.Pair, what bench.Measure, load bench.Load) error {
	var server departure
	server.gone, server.leave = context.WithCancel(context.WithoutCancel(b.Hard))
	defer server.leave()
	client, err := b.watched(pair.Client, false, func(e sockets.Event) {
		b.monitor.See(e)
		server.see(e)
	})
	if err != nil {
		return err
	}
	defer b.discard(client)
	endpoint := a.Endpoint
	var tallies chan bench.Tally
	if a.Bind {
		server, err := b.open(pair.Server, true)
		if err != nil {
			return err
		}
		if endpoint, err = server.Bind(b.Stop, endpoint); err != nil {
			b.discard(server)
			return fmt.Errorf("bind: %w", err)
		}
		if !pair.Answered() {
			tallies = make(chan bench.Tally)
		}
		defer b.host(server, tallies)()
	}
	if pair.Client.Traits().Numbered {
		load.Number, err = client.ConnectPeer(endpoint)
	} else {
		err = client.Connect(endpoint)
	}
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := b.awaitServer(client, endpoint); err != nil {
		return err
	}
	server.arm(client)
	b.Say.Event("measuring %v, %v, %d B", pair, what, load.Size)
	result, err := load.Measure(bench.Ends{Stop: b.Stop, Gone: server.gone, Hard: b.Hard}, what, pair, client, tallies)
	result.Endpoint = endpoint
	err = departed(err, result)
	if err != nil && (what != bench.Latency || result.Messages == 0) {
		return err
	}
	if n := result.Lost(); n > 0 {
		b.Say.Fail("%s of %d did not arrive", say.Plural(n, "message"), result.Sent)
		b.Verdict.Add(outcome.Failed)
	} else if result.Messages == 0 {
		b.Say.Notice("%v: %v: it ended before there was anything to measure", pair, what)
	}
	if result.Messages == 0 {
		return nil
	}
	if b.drawing != nil {
		b.results = append(b.results, result)
	}
	return errors.Join(b.print(result), err)
}

// host runs a server of our own until the returned function is called.
func (b *benchmark) host(server *sockets.Socket, tallies chan<- bench.Tally) (end func()) {
	ctx, cancel := context.WithCancel(b.Hard)
	done := make(chan error, 1)
	go func() {
		done <- bench.Serve(ctx, server, 0, func(t bench.Tally) {
			if tallies == nil {
				return // the client is answered
			}
			select {
			case tallies <- t:
			case <-ctx.Done():
			}
		})
	}()
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.Verdict.Add(outcome.OfError(err))
			b.Say.Failure(err)
		}
		b.discard(server)
	}
}

// awaitServer waits until the client can send.
func (b *benchmark) awaitServer(client *sockets.Socket, endpoint string) error {
	ctx, cancel := life.Limited(b.Stop, b.limits.Patience)
	defer cancel()
	err := client.WaitPeers(ctx, 1)
	if err == nil && client.Type().Traits().Publishes {
		err = client.WaitSubscribers(ctx, 1, nil)
	}
	if errors.Is(err, context.DeadlineExceeded) && b.Stop.Err() == nil {
		return &outcome.TimeoutError{Step: fmt.Sprintf("nobody is there at %s within %v", endpoint, b.limits.Patience)}
	}
	return err
}

// print prints a result, as a line of the table or of JSON.
func (b *benchmark) print(r bench.Result) error {
	text, columns := "", 0
	if say.IsTerminal(b.out) {
		columns = say.Columns(b.out)
	}
	switch {
	case b.asked.json:
		text = string(r.JSON())
	case b.titled:
		text = r.Row(columns)
	default:
		text, b.titled = bench.Header(columns)+r.Row(columns), true
	}
	if columns > 0 && !b.asked.json {
		text += r.Histogram(columns, !say.UTF8())
	}
	b.printing.Lock()
	defer b.printing.Unlock()
	_, err := io.WriteString(b.out, text)
	switch {
	case err == nil:
		b.printed = b.latest
		return nil
	case stream.ReaderLeft(err):
		return outcome.ErrClosedOutput
	}
	return fmt.Errorf("writing stdout: %w", err)
}

// load returns what one measurement sends.
func (b *benchmark) load(size int) bench.Load {
	l := b.limits
	l.Size = size
	return l
}
