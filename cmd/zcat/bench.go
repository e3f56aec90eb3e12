package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/pkg/sockets"
)

// benchmark is one run of the bench command: a server, a client, or both.
type benchmark struct {
	*config
	*life
	witness *witness
	granted *access.Access
	out     io.Writer
	titled  bool // the table has its first line
}

// measure runs a bench to its end and returns the exit status.
func measure(c *config, std streams) status {
	b := &benchmark{config: c, life: newLife(c, std.say), out: std.out}
	return b.lead(func() {
		b.describe(b.say)
		var err error
		if b.witness, err = newWitness(c, b.say, b.halt); err != nil {
			b.verdict.add(ofError(err))
			b.say.failure(err)
			return
		}
		if b.granted, err = b.grant(c); err == nil && c.bench.alone(c) {
			err = b.granted.Befriend()
		}
		if err != nil {
			b.conclude(err)
			return
		}
		watchClosed(std.out, b.readerGone)
		switch {
		case b.bench.serves:
			err = b.serve()
		default:
			err = b.measureAll()
		}
		b.conclude(err)
	})
}

// conclude says why the bench ended.
func (b *benchmark) conclude(err error) {
	var refused *sockets.RefusedError
	b.witness.close()
	switch {
	case b.stop.Err() != nil && errors.Is(err, context.Canceled):
		err = nil // a signal, or a refusal that its event told of
	case errors.Is(err, bench.ErrLate):
		err = &timeoutError{fmt.Sprintf("no answer within %v: is the other side `bench --serve`?", b.timeout)}
	}
	switch all, protocol := b.witness.refused(); {
	case all && protocol:
		b.verdict.add(statusFailed)
	case all:
		b.verdict.add(statusRefused)
	}
	b.verdict.add(ofError(err))
	if err != nil && !errors.Is(err, errClosedOutput) && (!errors.As(err, &refused) || !b.witness.told(refused.Endpoint)) {
		b.say.failure(err)
	}
}

// open makes a socket of one side. What only one of the sides needs of the
// options is chosen here.
func (b *benchmark) open(kind sockets.Type, serve bool) (*sockets.Socket, error) {
	socket, err := sockets.New(kind, func(o *sockets.Options) {
		*o = fitted(b.options, kind)
		o.Monitor = b.witness.see
		// Nothing may be lost on the way; a client that has gone gets no answer.
		o.NoDrop, o.Mandatory = kind == sockets.Pub, false
		b.granted.Secure(o, serve)
	})
	if err != nil {
		return nil, &usageError{err.Error(), b.word.line("--help")}
	}
	if kind == sockets.Sub {
		return socket, socket.Subscribe(nil)
	}
	return socket, nil
}

// discard closes a socket without its linger.
func (b *benchmark) discard(socket *sockets.Socket) {
	gone, cancel := context.WithCancel(b.hard)
	cancel()
	_ = socket.CloseContext(gone) // what is left is of no use to anybody
}

// serve is the other side of somebody's measurements.
func (b *benchmark) serve() error {
	pair := b.bench.pairs[0]
	socket, err := b.open(pair.Server, true)
	if err != nil {
		return err
	}
	defer b.discard(socket)
	var bound []string
	for _, a := range b.endpoints {
		resolved, err := socket.Bind(b.stop, a.endpoint)
		if err != nil {
			return fmt.Errorf("bind: %w", err)
		}
		bound = append(bound, resolved)
		b.say.announce(a.endpoint, resolved)
	}
	if err := b.publish(bound); err != nil {
		return err
	}
	var failed error
	err = bench.Serve(b.stop, socket, uint64(b.limit), func(t bench.Tally) {
		if t.Messages == 0 {
			return
		}
		r := bench.Result{
			Pair: pair, Size: int(t.Bytes / t.Messages), Endpoint: bound[0],
			Messages: t.Messages, Elapsed: t.Elapsed, At: "receiver",
		}
		if err := b.print(r); err != nil {
			failed = err
			b.halt()
		}
	})
	return errors.Join(failed, err)
}

// measureAll takes one measurement after another.
func (b *benchmark) measureAll() error {
	for _, a := range b.endpoints {
		for _, pair := range b.bench.pairs {
			for _, what := range b.bench.wanted(pair) {
				for _, size := range b.bench.sizes {
					if err := b.measureOne(a, pair, what, b.load(size)); err != nil || b.stop.Err() != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// measureOne takes one measurement with sockets of its own.
func (b *benchmark) measureOne(a attachment, pair bench.Pair, what bench.Measure, load bench.Load) error {
	client, err := b.open(pair.Client, false)
	if err != nil {
		return err
	}
	defer b.discard(client)
	endpoint := a.endpoint
	var tallies chan bench.Tally
	if a.bind {
		server, err := b.open(pair.Server, true)
		if err != nil {
			return err
		}
		if endpoint, err = server.Bind(b.stop, endpoint); err != nil {
			b.discard(server)
			return fmt.Errorf("bind: %w", err)
		}
		if !pair.Client.Receives() {
			tallies = make(chan bench.Tally)
		}
		defer b.host(server, tallies)()
	}
	if err := client.Connect(endpoint); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := b.awaitServer(client, endpoint); err != nil {
		return err
	}
	result, err := load.Measure(b.stop, b.hard, what, pair, client, tallies)
	result.Endpoint = endpoint
	if err != nil || result.Messages == 0 {
		return err
	}
	if n := result.Lost(); n > 0 {
		b.say.fail("%s of %d did not arrive", plural(n, "message"), result.Sent)
		b.verdict.add(statusFailed)
	}
	return b.print(result)
}

// host lets a server of our own work until the returned function is called.
func (b *benchmark) host(server *sockets.Socket, tallies chan<- bench.Tally) (end func()) {
	ctx, cancel := context.WithCancel(b.hard)
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
			b.verdict.add(ofError(err))
			b.say.failure(err)
		}
		b.discard(server)
	}
}

// awaitServer waits until the client can send.
func (b *benchmark) awaitServer(client *sockets.Socket, endpoint string) error {
	ctx, cancel := limited(b.stop, b.timeout)
	defer cancel()
	err := client.WaitPeers(ctx, 1)
	if err == nil && client.Type() == sockets.Pub {
		err = client.WaitSubscribers(ctx, 1, nil)
	}
	if errors.Is(err, context.DeadlineExceeded) && b.stop.Err() == nil {
		return &timeoutError{fmt.Sprintf("nobody is there at %s within %v", endpoint, b.timeout)}
	}
	return err
}

// print prints a result, as a line of the table or of JSON.
func (b *benchmark) print(r bench.Result) error {
	text := ""
	switch {
	case b.bench.json:
		text = string(r.JSON())
	case b.titled:
		text = r.Row()
	default:
		text, b.titled = bench.Header()+r.Row(), true
	}
	_, err := io.WriteString(b.out, text)
	switch {
	case err == nil:
		return nil
	case readerLeft(err):
		return errClosedOutput
	}
	return fmt.Errorf("writing stdout: %w", err)
}
