package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// handler runs the command of --exec for messages. Several goroutines may call run,
// each with a task of its own.
type handler struct {
	*Session
	env      []string // what all commands have in theirs
	encoder  *frames.Encoder
	answers  bool     // what the command writes is the reply
	stdout   *os.File // where it goes otherwise
	accepted int      // messages so far
}

// task is one message and the command that handles it. Its buffers serve one
// message after the other.
type task struct {
	number        int // of the message, from 1
	source        frames.Source
	message       frames.Message
	held          frames.Batch     // what message is in, where it came alone
	ticket        []sockets.Ticket // the reply's, if there will be one
	env           []string
	input, output []byte
	reply         frames.Batch
}

// largestKept is the largest buffer that a task keeps for the next message.
const largestKept = 1 << 20

func (s *Session) newHandler() *handler {
	h := &handler{
		Session: s, env: s.childEnv(), answers: s.command.Sends(),
		encoder: frames.NewEncoder(nil, s.Out.Format, frames.EncoderOptions{Separator: s.Output.Text.Frame, Delimiter: s.Output.Text.Message}),
	}
	if !h.answers {
		h.stdout = os.Stdout
		if f, ok := s.prints.W.(*os.File); ok {
			h.stdout = f
		}
	}
	return h
}

// accept moves the first message of b to t.
func (h *handler) accept(t *task, b *frames.Batch) {
	h.accepted++
	t.number, t.source = h.accepted, b.Source()
	if b.Len() == 1 { // mostly one comes at a time, and a huge one always
		t.held.Reset()
		t.held.Swap(b)
		t.message = t.held.Next()
	} else {
		t.message = b.Next().Clone()
	}
	var one frames.Batch
	if h.Expected.Len() > 0 {
		one.Append(t.message)
	}
	h.verify(&one)
}

// run runs the command and makes the reply, an empty frame where the command
// fails. It reports whether there is one to send.
func (h *handler) run(t *task) bool {
	envelope, body := h.envelope(t.message)
	t.prepare(h, envelope, body)
	ctx, cancel := life.Limited(h.Hard, h.Timeout)
	defer cancel()
	out, err := h.Children.Run(ctx, child.Job{
		Script: h.Exec, Env: t.env, Input: t.input, Max: h.Options.MaxSize, Stdout: h.stdout, Stderr: os.Stderr,
	}, t.output[:0])
	t.output = out
	life.Sweep(len(out))
	defer func() {
		t.shrink()
		life.Sweep(len(out)) // before it is copied once more, to be sent
	}()
	if !h.answers {
		if err != nil {
			h.blame(t, err, "")
		}
		return false
	}
	if h.command.Kind.Raw() && err == nil && len(out) == 0 {
		return false // there are no bytes to send
	}
	answer := frames.Strings("")
	if err == nil {
		answer, err = h.answer(out)
	}
	switch {
	case err != nil && h.Hard.Err() != nil:
		h.blame(t, err, "")
		return false // there is no time left to send anything
	case err != nil:
		consequence := ": answered with an empty frame"
		if h.command.Kind.Raw() {
			consequence = ": the connection is closed" // which an empty frame does
		}
		h.blame(t, err, consequence)
		answer = frames.Strings("")
	}
	t.reply.Reset()
	t.reply.Append(frames.Join(envelope, answer))
	return true
}

// prepare makes the command's input and environment.
func (t *task) prepare(h *handler, envelope, body frames.Message) {
	switch {
	case len(body) == 0:
		t.input = t.input[:0]
	case len(body) == 1 && h.Out.Format.Verbatim():
		t.input = body[0] // as it is, where it is
	default:
		t.input = h.encoder.Append(nil, body)
	}
	t.env = append(append(t.env[:0], h.env...), line.EnvPrefix+"FRAMES="+strconv.Itoa(len(body)), line.EnvPrefix+"PEER="+t.source.Peer)
	if t.source.Endpoint != "" {
		t.env = append(t.env, line.EnvPrefix+"ENDPOINT="+t.source.Endpoint)
	}
	// A variable cannot hold a NUL, and no user is to pass for another.
	if user := t.source.User; user != "" && !strings.Contains(user, "\x00") {
		t.env = append(t.env, line.EnvPrefix+"USER="+user)
	}
	if h.command.Traits().Addressed {
		t.env = append(t.env, line.EnvPrefix+"ROUTING_ID="+hex.EncodeToString(envelope[0]))
	}
}

// answer returns what the command wrote, as a message.
func (h *handler) answer(out []byte) (frames.Message, error) {
	if h.In.Format.Verbatim() {
		return frames.Message{out}, nil
	}
	message, err := frames.DecodeMessage(h.In.Format, out, line.WithoutID(h.Limits)) // the envelope is there
	if err != nil {
		return nil, fmt.Errorf("its output is not a reply in %v: %w", h.In.Format, err)
	}
	return message, nil
}

// blame reports that the command failed, and for which message.
func (h *handler) blame(t *task, err error, consequence string) {
	var flood *child.FloodError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		h.Verdict.Add(outcome.Timeout)
		err = fmt.Errorf("it did not end within %v", h.Timeout)
	case errors.Is(err, context.Canceled), errors.Is(err, child.ErrClosed):
		h.Verdict.Add(outcome.Failed)
		err = errors.New("it was ended")
	case errors.As(err, &flood):
		h.Verdict.Add(outcome.Failed)
		err = fmt.Errorf("%w (--max-size allows more)", err)
	case !h.answers && child.OfBrokenPipe(err) && stream.Deserted(h.stdout):
		h.Verdict.Add(outcome.Pipe) // as if it had been our own
		return
	default:
		h.Verdict.Add(outcome.Failed)
	}
	h.failing.Fail(say.Kind{Before: "--exec: ", One: "message", After: " failed"}, "--exec: message %d, from %s: %v%s", t.number, t.source.Peer, err, consequence)
}

// shrink gives up a buffer that one large message needed.
func (t *task) shrink() {
	t.input, t.message = nil, nil
	t.held = frames.Batch{}
	if cap(t.output) > largestKept {
		t.output = nil
	}
}

// executed answers the requests of rep by the command of --exec.
type executed struct {
	handler *handler
	task    task
}

func (*executed) Ready(ctx context.Context) (context.Context, error) { return ctx, nil }
func (*executed) ended() error                                       { return nil }

func (e *executed) keep(request, _ *frames.Batch) { e.handler.accept(&e.task, request) }

func (e *executed) take(reply *frames.Batch) error {
	if !e.handler.run(&e.task) {
		return outcome.ErrHalted
	}
	reply.Swap(&e.task.reply)
	return nil
}
