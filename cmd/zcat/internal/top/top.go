// Package top shows, on a terminal, what goes through several sockets that are joined:
// rates, peers, and what waits where. It looks at the sockets once a second, and costs them
// nothing in between.
package top

import (
	"os"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/prompt"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// Socket is one of the sockets at a moment.
type Socket struct {
	Name string
	Kind sockets.Type
	sockets.SideStats
	Each []sockets.PeerStats
}

// drawnEvery is how often it is drawn, and the time that rates are taken over.
const drawnEvery = time.Second

// terminalOf returns the terminal of stderr, nil where that is none, or one that takes no
// orders.
func terminalOf(std say.Streams) *os.File {
	if std.Console == nil {
		return nil
	}
	errs, _ := std.Console.Errs.(*os.File)
	if errs == nil || !say.Steerable(errs) {
		return nil
	}
	return errs
}

// Check refuses --top where there is no terminal to draw on. hint is a command line that
// reports in lines.
func Check(std say.Streams, hint string) error {
	if terminalOf(std) != nil {
		return nil
	}
	return &outcome.UsageError{Sentence: "--top draws on a terminal, and stderr is none; --stats reports in lines", Hint: hint}
}

// Show draws what read tells until finish is called.
func Show(std say.Streams, read func() []Socket) (finish func()) {
	terminal := terminalOf(std)
	if terminal == nil {
		return func() {}
	}
	p := page{colour: std.Say.Colour, ascii: !say.UTF8()}
	draw := func() {
		if !prompt.Foreground(terminal) {
			return // it would draw over what is typed to somebody else
		}
		p.columns, p.rows = say.Columns(terminal)-1, say.Rows(terminal)-1
		std.Console.SetProgress(p.draw(time.Now(), read()))
	}
	ticker, stop, over := time.NewTicker(drawnEvery), make(chan struct{}), make(chan struct{})
	resumed, deaf := prompt.Resumed()
	go func() {
		defer close(over)
		defer deaf()
		draw()
		for {
			select {
			case <-ticker.C:
				draw()
			case <-resumed:
				std.Console.Forget() // a shell has written below
				draw()
			case <-stop:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(stop)
		<-over
		std.Console.SetProgress("")
	}
}
