//go:build linux

// Command zmq4 does with go-zeromq/zmq4's own sockets what the modes push, pull,
// req and rep of libzmq/peer.c do. Those sockets know neither batches nor how many
// messages are lost at the end, so that a sender waits until it is told to stop.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/go-zeromq/zmq4"
)

// last is set in the number of the last message.
const last = 1 << 63

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "zmq4:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: zmq4 MODE SOCKET [SIZE [SECONDS]]")
	}
	var numbers [4]float64 // the size, the seconds; the rate and the number of clients are as they are
	for i, text := range args[2:] {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || i >= len(numbers) {
			return fmt.Errorf("argument %q", text)
		}
		numbers[i] = v
	}
	ctx, end := context.WithCancel(context.Background())
	defer end()
	sockets := map[string]func(context.Context, ...zmq4.Option) zmq4.Socket{
		"push": zmq4.NewPush, "pull": zmq4.NewPull, "req": zmq4.NewReq, "rep": zmq4.NewRep,
	}
	open := sockets[args[0]]
	if open == nil {
		return fmt.Errorf("unknown mode %s", args[0])
	}
	s := open(ctx)
	if endpoint := args[1][1:]; args[1][0] != '@' {
		if err := s.Dial(endpoint); err != nil {
			return err
		}
	} else {
		if err := s.Listen(endpoint); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(os.Stdout, "tcp://%v\n", s.Addr()); err != nil {
			return err
		}
	}
	size, limit := int(numbers[0]), time.Duration(numbers[1]*float64(time.Second))
	switch args[0] {
	case "push":
		return push(s, size, limit)
	case "pull":
		return pull(s)
	case "req":
		return request(s, size, limit)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // its Recv knows no other end
	}()
	for {
		m, err := s.Recv()
		if err != nil {
			return err
		}
		if err := s.Send(m); err != nil {
			return err
		}
	}
}

func push(s zmq4.Socket, size int, limit time.Duration) error {
	body := bytes.Repeat([]byte("x"), size)
	n := uint64(0)
	for end := time.Now().Add(limit); time.Now().Before(end); n++ {
		binary.LittleEndian.PutUint64(body, n)
		if err := s.Send(zmq4.NewMsg(body)); err != nil {
			return err
		}
	}
	binary.LittleEndian.PutUint64(body, n|last)
	if err := s.Send(zmq4.NewMsg(body)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func pull(s zmq4.Socket) error {
	var begin time.Time
	for n := uint64(0); ; n++ {
		m, err := s.Recv()
		if err != nil {
			return err
		}
		number := binary.LittleEndian.Uint64(m.Bytes())
		if n == 0 {
			begin = time.Now()
		}
		if number&^last != n {
			return fmt.Errorf("message %d was lost: %d came", n, number&^last)
		}
		if number&last != 0 {
			_, err := fmt.Fprintf(os.Stdout, "%d %.9f\n", n, time.Since(begin).Seconds())
			return err
		}
	}
}

func request(s zmq4.Socket, size int, limit time.Duration) error {
	body := bytes.Repeat([]byte("x"), size)
	var took []time.Duration
	for start := time.Now(); time.Since(start) < limit; {
		begin := time.Now()
		if err := s.Send(zmq4.NewMsg(body)); err != nil {
			return err
		}
		if _, err := s.Recv(); err != nil {
			return err
		}
		took = append(took, time.Since(begin))
	}
	took = took[len(took)/20:]
	slices.Sort(took)
	microseconds := func(permille int) float64 {
		return float64(took[len(took)*permille/1000].Nanoseconds()) / 1e3
	}
	_, err := fmt.Fprintf(os.Stdout, "%d %.3f %.3f %.3f\n", len(took), microseconds(500), microseconds(990), microseconds(999))
	return err
}
