//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// ours drives the sockets of this project.
type ours struct{}

type ourSocket struct{ *sockets.Socket }

func (ours) open(kind string, options []option) (socket, error) {
	t, err := sockets.ParseType(kind)
	if err != nil {
		return nil, err
	}
	s, err := sockets.New(t, func(o *sockets.Options) {
		o.Linger, o.HandshakeTimeout, o.SendHWM, o.RecvHWM, o.MaxSize = 0, 0, 0, 0, maxSize
		o.ReconnectMin, o.ReconnectMax, o.ReconnectEarly = time.Hour, time.Hour, false
		name, password := "", ""
		for _, opt := range options {
			switch opt.name {
			case "plain_username":
				name = string(opt.value)
			case "plain_password":
				password = string(opt.value)
			default:
				err = errors.Join(err, ourOption(o, opt))
			}
		}
		if name != "" {
			o.Security = sockets.PlainClient(name, password)
		}
	})
	return ourSocket{s}, err
}

func ourOption(o *sockets.Options, opt option) error {
	on := string(opt.value) == "1"
	switch opt.name {
	case "verbose":
		o.Verbose = on
	case "verboser":
		o.Verboser = on
	case "stream_notify":
		o.StreamNotify = on
	case "manual":
		o.Manual = on
	case "welcome":
		o.Welcome = opt.value
	case "mandatory":
		o.Mandatory = on
	case "handover":
		o.Handover = on
	case "probe":
		o.ProbeRouter = on
	case "invert":
		o.InvertMatching = on
	case "relaxed":
		o.Relaxed = on
	case "identity":
		o.Identity = opt.value
	case "plain_server":
		o.Security, o.Authorize = sockets.PlainServer(), letIn
	default:
		return fmt.Errorf("unknown option %q", opt.name)
	}
	return nil
}

// letIn lets in every user whose password is his name.
func letIn(_ context.Context, r *zap.Request) zap.Reply {
	if r.Username == r.Password {
		return zap.Allow("")
	}
	return zap.Deny("")
}

func (s ourSocket) bind(endpoint string) (string, error) {
	return s.Bind(context.Background(), endpoint)
}

func (s ourSocket) connect(endpoint string) error { return s.Connect(endpoint) }

func (s ourSocket) drain(quiet time.Duration) (all []frames.Message, err error) {
	var refused *sockets.RefusedError
	for {
		ctx, cancel := context.WithTimeout(context.Background(), quiet)
		m, err := s.Recv(ctx)
		cancel()
		switch {
		case err == nil:
			all = append(all, m)
		case errors.Is(err, context.DeadlineExceeded):
			return all, nil
		case errors.Is(err, sockets.ErrState), errors.Is(err, sockets.ErrDirection), errors.As(err, &refused):
			if len(all) == 0 && quiet > 0 {
				<-time.After(quiet) // it may have to act on something else
			}
			return all, nil
		default:
			return all, err
		}
	}
}

func (s ourSocket) rest() (frames.Message, error) { return nil, nil }

func (s ourSocket) send(m frames.Message) (string, error) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.Send(ctx, m)
	var unroutable *sockets.UnroutableError
	var refused *sockets.RefusedError
	switch {
	case err == nil:
		return sentOK, nil
	case errors.Is(err, context.Canceled), errors.As(err, &refused):
		return sentAgain, nil
	case errors.Is(err, sockets.ErrState):
		return sentState, nil
	case errors.As(err, &unroutable):
		return sentNoRoute, nil
	case errors.Is(err, sockets.ErrDirection):
		return sentNever, nil
	case errors.Is(err, sockets.ErrMessage):
		return sentOK, nil // libzmq drops what we refuse
	}
	return "", err
}

func (s ourSocket) subscribe(prefix []byte, cancel bool) error {
	act := s.Subscribe
	switch joins := s.Type().Traits().Joins; {
	case joins && cancel:
		act = s.Leave
	case joins:
		act = s.Join
	case cancel:
		act = s.Unsubscribe
	}
	if err := act(prefix); !errors.Is(err, sockets.ErrGroup) {
		return err
	}
	return nil // libzmq refuses it as well
}

func (s ourSocket) close() error {
	var unsent *sockets.UnsentError
	if err := s.Close(); !errors.As(err, &unsent) {
		return err
	}
	return nil // the linger is 0
}
