// Package progress shows how far a transfer is: how many messages went each way, and how
// fast, in a line that never mixes with what else the terminal shows.
package progress

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/prompt"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Moved counts what went which way.
type Moved struct{ sent, received traffic }

type traffic struct{ messages, bytes atomic.Uint64 }

// Count adds messages, with the bytes they have on the wire: those are known, while the
// frames would have to be looked at.
func (t *Moved) Count(direction string, messages, bytes int) {
	way := &t.sent
	if direction == "received" {
		way = &t.received
	}
	way.messages.Add(uint64(messages))
	way.bytes.Add(uint64(bytes))
}

// When progress is shown.
const (
	firstProgress = time.Second            // a shorter transfer says nothing
	drawnEvery    = 250 * time.Millisecond // on a terminal
	saidEvery     = 5 * time.Second        // elsewhere, in lines
)

// Report shows how far the transfer is until the returned function is called: on a
// terminal in a line that is drawn over, elsewhere, if asked to, as a line every few
// seconds. On a terminal it is shown unasked, unless lines are edited there, or messages
// shown.
func (t *Moved) Report(asked line.Reports, std say.Streams, edited, shown bool) (silence func()) {
	errs, _ := std.Console.Errs.(*os.File)
	drawn := errs != nil && !edited && say.Steerable(errs) && prompt.Foreground(errs)
	wanted := asked.Progress || drawn && !shown
	if asked.Quiet || !wanted {
		return func() {}
	}
	m := &meter{}
	if drawn {
		return repeated(firstProgress, drawnEvery, func(last bool) {
			text := ""
			if !last {
				text = cutTo(say.Columns(errs)-1, m.line(time.Now(), t))
			}
			std.Console.SetProgress(text)
			if last && asked.Progress {
				std.Say.Notice("%s", m.line(time.Now(), t))
			}
		})
	}
	return repeated(saidEvery, saidEvery, func(bool) {
		if text := m.line(time.Now(), t); text != "" {
			std.Say.Notice("%s", text)
		}
	})
}

// repeated calls do after first and then at every interval, until the returned
// function is called, which calls it for the last time.
func repeated(first, every time.Duration, do func(last bool)) (end func()) {
	timer, over := time.NewTimer(first), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-timer.C:
				timer.Reset(every)
				do(false)
			case <-over:
				do(true)
				return
			}
		}
	})
	return func() {
		timer.Stop()
		close(over)
		running.Wait()
	}
}

// meter makes a line of counts, with the rate of the last seconds.
type meter struct {
	samples []sample // at most window of them
}

type sample struct {
	at              time.Time
	messages, bytes uint64 // both ways
}

// window is the number of samples over which the rate is taken.
const window = 9

// line returns what has moved so far, "" where nothing has.
func (m *meter) line(now time.Time, t *Moved) string {
	text := ""
	here := sample{at: now}
	for _, way := range []struct {
		name string
		of   *traffic
	}{{"sent", &t.sent}, {"received", &t.received}} {
		messages, bytes := way.of.messages.Load(), way.of.bytes.Load()
		here.messages += messages
		here.bytes += bytes
		if messages == 0 {
			continue
		}
		if text != "" {
			text += "; "
		}
		text += fmt.Sprintf("%s %s, %s", way.name, say.Plural(messages, "message"), inBytes(float64(bytes)))
	}
	if m.samples = append(m.samples, here); len(m.samples) > window {
		m.samples = m.samples[1:]
	}
	if since := now.Sub(m.samples[0].at).Seconds(); text != "" && since > 0 {
		text += fmt.Sprintf("; %.0f/s, %s/s", float64(here.messages-m.samples[0].messages)/since,
			inBytes(float64(here.bytes-m.samples[0].bytes)/since))
	}
	return text
}

// inBytes writes a number of bytes with three digits or a little more.
func inBytes(n float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	at := 0
	for ; n >= 999.5 && at < len(units)-1; at++ {
		n /= 1000
	}
	if at == 0 || n >= 99.95 {
		return fmt.Sprintf("%.0f %s", n, units[at])
	}
	return fmt.Sprintf("%.1f %s", n, units[at])
}

// cutTo cuts text, which is ASCII, to so many columns.
func cutTo(columns int, text string) string { return text[:min(len(text), max(columns, 0))] }
