package life

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// notifyTime bounds how long a supervisor may keep its socket full.
const notifyTime = time.Second

// Ready tells the supervisor, where there is one, that all is bound and that what comes
// is taken.
func (l *Life) Ready() {
	if l.Stop.Err() == nil {
		l.notify("READY=1")
	}
}

// Ending tells it, once, that no more is taken and that the linger begins. It does not
// wait for it.
func (l *Life) Ending() {
	if os.Getenv(notifyVariable) != "" {
		l.ending.Do(func() { l.notices.Go(func() { l.notify("STOPPING=1") }) })
	}
}

const notifyVariable = "NOTIFY_SOCKET"

// notify sends a state to the socket that systemd names (sd_notify(3)).
func (l *Life) notify(state string) {
	name := os.Getenv(notifyVariable)
	if name == "" || !supervised() {
		return
	}
	if err := sendState(name, state); err != nil {
		l.Say.Notice("%s: %q: %v: %s is not reported", notifyVariable, name, say.Cause(err), state)
	}
}

// supervised reports whether this process is the one that systemd has started, as far as
// that is known: what a helper of a service does, for example in a script, is not the
// state of the service.
func supervised() bool {
	pid := os.Getenv("SYSTEMD_EXEC_PID")
	return pid == "" || pid == strconv.Itoa(os.Getpid())
}

// sendState sends one datagram. A name that begins with @ is in the abstract namespace.
func sendState(name, state string) error {
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "@") {
		return errors.New("neither a path that begins with / nor a name that begins with @")
	}
	ctx, cancel := context.WithTimeout(context.Background(), notifyTime)
	defer cancel()
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "unixgram", name)
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }() // what was sent is sent
	if err := socket.SetWriteDeadline(time.Now().Add(notifyTime)); err != nil {
		return err
	}
	_, err = socket.Write([]byte(state))
	return err
}
