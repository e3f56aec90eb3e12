package flags

import (
	"strconv"

	"github.com/zcat/zcat/pkg/sockets"
)

// When a connection is made again, as libzmq's options say it.

func getStop(o *sockets.Options) string {
	return strconv.Itoa(int(o.ReconnectStop &^ sockets.StopAlways))
}

func setStop(o *sockets.Options, text string) error {
	n, err := span{most: 3, meanings: "1 (nobody listens), 2 (a failed handshake), 3 (both) or 0"}.read(text)
	if err == nil {
		o.ReconnectStop = o.ReconnectStop&sockets.StopAlways | sockets.Stop(n)
	}
	return err
}

func getReconnectMin(o *sockets.Options) string {
	if o.ReconnectStop&sockets.StopAlways != 0 {
		return "-1"
	}
	return inMillis(o.ReconnectMin)
}

func setReconnectMin(o *sockets.Options, text string) error {
	n, err := anyMillis().from(1).orMinus("never again").read(text)
	switch {
	case err != nil:
		return err
	case n < 0:
		o.ReconnectStop |= sockets.StopAlways
	default:
		d := ofMillis(n)
		o.ReconnectStop &^= sockets.StopAlways
		o.ReconnectMin, o.ReconnectMax, o.ReconnectEarly = d, max(d, o.ReconnectMax), false
	}
	return nil
}

func getReconnectMax(o *sockets.Options) string { return inMillis(o.ReconnectMax) }

func setReconnectMax(o *sockets.Options, text string) error {
	n, err := anyMillis().read(text)
	if err != nil {
		return err
	}
	d := ofMillis(n)
	if d == 0 {
		d = o.ReconnectMin
	}
	o.ReconnectMin, o.ReconnectMax, o.ReconnectEarly = min(o.ReconnectMin, d), d, false
	return nil
}
