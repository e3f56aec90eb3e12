package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/filter"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// hub is one run of the hub command.
type hub struct {
	*life.Life
	asked   *config
	config  *line.Config
	std     say.Streams
	monitor *life.Monitor
	parts   []*part
	board   *board.Board
	filter  *filter.Filter // nil without one
	stdin   *stream.Input  // nil where it is not read
	stdout  *stream.Output
	typed   io.Reader // lines at a prompt, in the place of stdin; nil where no person types

	captures capture.Captures
	captured []string // what they are bound to

	taking  context.Context //nolint:containedctx // done once stdin is not read any more
	leave   context.CancelFunc
	sending context.Context //nolint:containedctx // done once nothing is sent any more
	sent    context.CancelFunc
	ending  context.Context //nolint:containedctx // done once the command writes nothing more
	lastly  context.CancelFunc

	alone    atomic.Int64  // sockets that are not to connect again
	deserted chan struct{} // closed once all are

	mentioned func() // ends what tells a person what the end waits for

	readers sync.WaitGroup // of the sockets
	late    sync.WaitGroup // of those that requests still wait for, once nothing is read
}

// run runs a hub to its end and returns the exit status.
func run(c *line.Config, std say.Streams) outcome.Status {
	asked := of(c)
	var nested []*line.Config
	for _, s := range asked.sockets {
		nested = append(nested, s.Config)
	}
	h := &hub{Life: life.New(life.Asked(c, nested...), std), asked: asked, config: c, std: std, deserted: make(chan struct{}), mentioned: func() {}}
	h.taking, h.leave = context.WithCancel(h.Stop)
	h.sending, h.sent = context.WithCancel(h.Hard)
	h.ending, h.lastly = context.WithCancel(context.Background())
	if c.Summary {
		h.AtEnd = h.summarise
	}
	h.greet()
	return h.Lead(func() {
		err := h.open()
		if err == nil {
			err = h.converse()
		}
		h.conclude(err)
	})
}

// open opens the sockets, in their order, and starts the command.
func (h *hub) open() (err error) {
	c := h.config
	flags.Describe(c.Command, c.Options, h.Say)
	if h.monitor, err = life.NewMonitor(life.Watched(c), h.Say, func() {}); err != nil {
		return err
	}
	h.Tally.Hears(h.monitor)
	for _, s := range h.asked.sockets {
		p := &part{hub: h, name: s.name, asked: s.Config, answered: make(chan struct{}, 1), over: make(chan struct{})}
		if p.granted, err = h.Grant(s.Access); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		h.parts = append(h.parts, p)
	}
	var bound []string
	for _, p := range h.parts {
		if err := p.open(); err != nil {
			return err
		}
		bound = append(bound, p.bound...)
	}
	if err := h.openCaptures(); err != nil {
		return err
	}
	if err := h.Place.Publish(append(bound, h.captured...)); err != nil {
		return err
	}
	return h.join()
}

// join puts the command, or stdin and stdout, among the sockets.
func (h *hub) join() error {
	c := h.config
	settings := board.Settings{
		Say: h.Say, Verdict: &h.Verdict, Presence: h.asked.Presence, Tick: h.asked.Tick,
		Skip: c.SkipInvalid, Limit: c.Limit, Hard: h.Hard,
	}
	if len(h.captures) > 0 || h.Say.Says(say.LevelMessages) {
		settings.See = h.see
	}
	for _, p := range h.parts {
		settings.Ports = append(settings.Ports, p.port())
	}
	if c.FromStdin {
		stream.WatchClosed(h.std.Out, h.ReaderGone)
		in := h.std.In
		if h.typed != nil {
			in, settings.Skip = h.typed, true // a person may mistype
		}
		h.stdin, h.stdout = stream.NewInput(h.taking, in), stream.NewOutput(line.Output{}, 0, h.std.Records())
	}
	if h.asked.stdio {
		settings.Ports = append(settings.Ports, board.Port{
			Name: stdioName, Blocks: true, MaxSize: c.Options.MaxSize, MaxFrames: c.Options.MaxFrames,
			Send: func(_ context.Context, b *frames.Batch) error { return h.stdout.Print(b) },
		})
	}
	if h.asked.Filter == "" {
		pipe, _ := h.std.Out.(*os.File)
		settings.To, settings.From, settings.Name = stream.NewTail(h.std.Records(), pipe), h.stdin, "stdin"
		settings.Hangup = func() {}
		settings.Gone = h.stdoutGone
	} else {
		f, err := filter.Start(context.Background(), h.Life, h.asked.Filter, filter.Environ(c.Command.Name))
		if err != nil {
			return err
		}
		h.filter = f
		settings.Serve(f)
	}
	h.board = board.New(settings)
	h.Tally.Gives(h.board.Sent)
	h.Follow(h.board.Moved)
	return nil
}

// stdoutGone returns the end that an error of stdout makes.
func (h *hub) stdoutGone(err error) error {
	if stream.ReaderLeft(err) {
		h.ReaderGone()
		return outcome.ErrClosedOutput
	}
	h.board.Fail(fmt.Errorf("writing stdout: %w", err))
	return err
}

// converse lets the command and the sockets talk until something ends that.
func (h *hub) converse() error {
	b := h.board
	finish, err := h.serveMetrics()
	if err != nil {
		return err
	}
	defer finish()
	h.Ready()
	defer life.Every(h.asked.told.Stats, h.sayStats)()
	if h.asked.told.Top {
		defer top.Show(h.std, h.top)()
	}
	b.Start()
	for _, p := range h.parts {
		h.readers.Go(func() {
			h.read(p)
			if p.asked.Command.Traits().Asks {
				h.late.Go(func() { h.readLate(p) })
			}
		})
	}
	if h.asked.stdio {
		h.readers.Go(h.readStdin)
	}
	err = h.await()
	wrong := cmp.Or(h.end(), h.board.Failure()) // a socket may fail at the very end
	if wrong != nil && (err == nil || errors.Is(err, outcome.ErrHalted)) {
		err = wrong
	}
	return err
}

// await waits until something ends the hub: its error, where it has one that is not that
// of the command's lines.
func (h *hub) await() error {
	var ended <-chan struct{}
	if h.filter != nil {
		ended = h.filter.Ended()
	}
	orders := h.board.Orders()
	for {
		select {
		case <-h.Stop.Done():
			return outcome.ErrHalted
		case <-h.board.Enough():
			return nil
		case <-h.deserted:
			return nil
		case <-h.board.Failed():
			return h.board.Failure()
		case <-orders:
			if h.board.Spoilt() || h.filter == nil && !h.hears() {
				return nil // end tells what is wrong
			}
			orders = nil // the command may go on without a word
		case <-ended:
			return nil
		}
	}
}

// hears reports whether anything may come from the sockets.
func (h *hub) hears() bool {
	for _, p := range h.parts {
		if p.asked.Command.Prints() {
			return true
		}
	}
	return false
}

// end has what came by now given to the command, and what that writes sent, within the
// linger. It returns what was wrong with what the command wrote.
func (h *hub) end() error {
	h.LimitEnd()
	h.leave()
	h.board.Shut()
	enough := over(h.board.Enough())
	if h.filter != nil && (enough || over(h.board.Orders()) && h.board.Spoilt()) {
		h.filter.Mute()
	}
	h.readers.Wait()
	h.board.HangUp()
	switch {
	case h.filter != nil && !enough:
		h.filter.Await(h.board.Orders())
	case h.filter == nil:
		select {
		case <-h.board.Orders():
		case <-h.Hard.Done():
		}
	}
	if h.filter != nil {
		h.board.NotRead(h.filter.End(enough || over(h.board.Orders()) && h.board.Spoilt()))
	}
	if h.filter != nil {
		<-h.board.Orders() // of --count the last may not be in its queue yet
	}
	h.lastly()
	if h.Say.Watched {
		h.mentioned = h.MentionLinger(h.config.Options.Linger)
	}
	h.board.Finish()
	h.sent()
	h.late.Wait()
	if !enough && over(h.board.Orders()) {
		return h.board.Ordered()
	}
	return nil
}

// lastCall is the time that the end leaves to what is on its way from a socket's connections
// to its queues.
const lastCall = 20 * time.Millisecond

// read gives the command what comes at a socket.
func (h *hub) read(p *part) {
	var batch frames.Batch
	for {
		open, err := h.board.Await(h.Hard, p.name)
		if err != nil {
			break
		}
		err = p.now().RecvBatch(open, &batch)
		var refused *sockets.RefusedError // of its last endpoint
		switch {
		case err == nil:
		case open.Err() != nil && errors.Is(err, open.Err()):
			continue
		case errors.Is(err, sockets.ErrClosed) && h.Stop.Err() == nil:
			continue // another one takes its place
		case errors.Is(err, sockets.ErrNotAgain), errors.As(err, &refused):
			h.giveUp(p, err)
			return
		default:
			h.board.Fail(fmt.Errorf("%s: %w", p.name, err))
			return
		}
		if !h.give(p, &batch) {
			return
		}
	}
	if h.board.Paused(p.name) || h.filter != nil && over(h.filter.Ended()) {
		return
	}
	last := h.Hard
	// Subscribers may still come for what is queued, and replies must, or the requests that
	// wait behind them would not leave.
	if p.awaitsSubscribers() || p.asked.Command.Traits().Asks {
		var cancel context.CancelFunc
		last, cancel = context.WithTimeout(h.Hard, lastCall)
		defer cancel()
	} else {
		p.now().Ebb() // or who goes on sending would keep it for ever
	}
	for {
		ctx, cancel := context.WithTimeout(last, lastCall)
		err := p.now().RecvBatch(ctx, &batch)
		cancel()
		if err != nil || !h.give(p, &batch) {
			return
		}
	}
}

// giveUp goes on without a socket that is not to connect again, or whose endpoints refused
// it; without any, the hub ends.
func (h *hub) giveUp(p *part, why error) {
	if !outcome.EndedAsAsked(why) {
		h.Say.Fail("%s: %v", p.name, why)
		h.Verdict.Add(outcome.OfError(why))
	}
	close(p.over)
	if h.alone.Add(1) == int64(len(h.parts)) {
		close(h.deserted)
	}
}

// readLate takes the replies that come when nothing is read any more: the requests that
// wait are sent one after the other.
func (h *hub) readLate(p *part) {
	var batch frames.Batch
	for {
		err := p.now().RecvBatch(h.sending, &batch)
		switch {
		case err != nil && h.sending.Err() == nil && errors.Is(err, sockets.ErrClosed):
			continue // another one takes its place
		case err != nil:
			return
		case batch.Source().Notice == 0:
			p.gotReply()
			h.board.Miss(uint64(batch.Len()))
		}
		batch.Reset()
	}
}

// give gives the command a batch of a socket, and reports whether it takes more.
func (h *hub) give(p *part, batch *frames.Batch) bool {
	if p.asked.Command.Traits().Asks && batch.Source().Notice == 0 {
		p.gotReply()
	}
	return h.board.Feed(h.Hard, p.name, batch) == nil
}

// over reports whether something has ended.
func over(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return true
	default:
		return false
	}
}

// readStdin gives the command what is read from stdin.
func (h *hub) readStdin() {
	bad := &say.Flood{Say: h.Say, Most: say.ManyLines}
	defer bad.End()
	source := &stream.LineSource{
		Input: h.stdin, Bad: bad, Skip: h.config.SkipInvalid,
		Decoder: frames.NewDecoder(h.stdin, frames.JSON, frames.DecoderOptions{MaxSize: h.config.Options.MaxSize, Grown: life.Sweep}),
	}
	var batch frames.Batch
	for {
		if _, err := h.board.Await(h.Hard, stdioName); err != nil {
			return
		}
		end := source.Next(&batch)
		if batch.Len() > 0 && h.board.Feed(h.Hard, stdioName, &batch) != nil {
			return
		}
		switch {
		case end == nil:
			continue
		case errors.Is(end, io.EOF):
			_ = h.board.End(h.Hard, stdioName) // a filter that reads no more is told of elsewhere
		case !errors.Is(end, outcome.ErrHalted):
			h.board.Fail(end)
		}
		return
	}
}

// conclude says why the hub ended, lingers, closes, and counts what was lost.
func (h *hub) conclude(err error) {
	h.LimitEnd()
	if errors.Is(err, outcome.ErrHalted) || h.Stop.Err() != nil && errors.Is(err, h.Stop.Err()) {
		err = nil
	}
	h.Verdict.Add(outcome.OfError(err))
	if err != nil && !errors.Is(err, outcome.ErrClosedOutput) {
		h.Say.Failure(err)
	}
	var (
		closing sync.WaitGroup
		left    atomic.Uint64
		waiting uint64
	)
	for _, p := range h.parts {
		socket := p.now()
		if socket == nil {
			continue
		}
		if !p.asked.Command.Traits().Publishes {
			waiting += uint64(socket.Stats().Waiting)
		}
		closing.Go(func() {
			var unsent *sockets.UnsentError
			if errors.As(socket.CloseContext(h.Hard), &unsent) {
				left.Add(uint64(unsent.Messages))
				h.Tally.Undo(socket, unsent.Messages)
			}
		})
	}
	closing.Go(func() { h.captures.Close(h.Hard) })
	closing.Wait()
	h.mentioned()
	if h.monitor != nil {
		h.Hush(h.monitor)
	}
	h.sum(left.Load(), waiting)
}

// sum says at the end what did not arrive.
func (h *hub) sum(left, waiting uint64) {
	stats, _ := h.Tally.Stats()
	if h.board != nil {
		h.board.Sum(waiting)
		h.Tally.Miss(h.board.Unread() + waiting)
		left += h.board.Unsent()
		if h.asked.told.Reports(h.Say) {
			h.sayStats()
		}
	}
	h.Tally.Leave(left)
	if left += stats.Unmet; left+stats.Lost > 0 {
		h.Verdict.Add(outcome.Unsent)
	}
	h.Say.Left(left, stats.Lost, "")
	if stats.Dropped > 0 {
		h.Say.Notice("%s dropped for peers that were too slow or gone", say.Plural(stats.Dropped, "message"))
	}
	h.Say.Strangers(stats)
	h.captures.Sum(h.Say)
}
