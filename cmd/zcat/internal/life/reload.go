package life

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
)

// Grant reads what the security flags name, for a command that is about to open its
// sockets, and reads the lists again at SIGHUP.
func (l *Life) Grant(asked access.Settings) (*access.Access, error) {
	granted, err := asked.Load(func(text string) { l.Say.Notice("%s", text) })
	if err != nil {
		return nil, err
	}
	if granted.LetsAnyoneIn() {
		l.Say.Event("any client that knows the server's key is let in: --curve-allow names those that may")
	}
	if asked.Lists() {
		l.reloadAtHangUp(granted)
	}
	return granted, nil
}

func (l *Life) reloadAtHangUp(granted *access.Access) {
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-hangUps:
				granted.Reload(func(text string) { l.Say.Event("%s", text) }, func(err error) { l.Say.Fail("%v", err) })
			case <-l.Hard.Done():
				signal.Stop(hangUps)
				return
			}
		}
	}()
}
