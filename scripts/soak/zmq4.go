//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/go-zeromq/zmq4" //nolint:depguard // its own sockets are the peers here

	"github.com/zcat/zcat/pkg/frames"
)

// visitWithZMQ4 runs errands with sockets of zmq4, one for each line of in, and
// answers each with a line. It runs in a process of its own, so that its leaks do
// not count.
func visitWithZMQ4(in io.Reader, out io.Writer) error {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var e errand
		if _, err := fmt.Sscanf(lines.Text(), "%s %s %s %d", &e.visitor, &e.endpoint, &e.name, &e.count); err != nil {
			return err
		}
		answer := "done"
		if err := visitZMQ4(e); err != nil {
			answer = err.Error()
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return nil
}

func visitZMQ4(e errand) error {
	open, known := map[string]func(context.Context, ...zmq4.Option) zmq4.Socket{
		"push": zmq4.NewPush, "req": zmq4.NewReq, "dealer": zmq4.NewDealer, "pull": zmq4.NewPull, "sub": zmq4.NewSub,
	}[e.visitor]
	if !known {
		return fmt.Errorf("%s is not for zmq4", e.visitor)
	}
	s := open(context.Background())
	defer func() { _ = s.Close() }() // nothing is promised of its end
	if err := s.Dial(e.endpoint); err != nil {
		return err
	}
	if e.visitor == "sub" {
		if err := s.SetOption(zmq4.OptionSubscribe, ""); err != nil {
			return err
		}
	}
	o := newOrder()
	for n := 1; n <= e.count; n++ {
		if e.visitor != "pull" && e.visitor != "sub" {
			if err := s.SendMulti(zmq4.NewMsgFrom(newMessage(e.name, n)...)); err != nil {
				return err
			}
			if e.visitor == "push" {
				continue
			}
		}
		m, err := s.Recv()
		if err != nil {
			return err
		}
		if err := o.verify(frames.Message(m.Frames)); err != nil {
			return err
		}
	}
	return nil
}
