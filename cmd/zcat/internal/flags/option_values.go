package flags

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The kinds of socket options: how their values are read and written.

func number(name, help string, at func(*sockets.Options) *int) optionRow {
	return optionRow{
		Name: name, help: help,
		Get: func(o *sockets.Options) string { return strconv.Itoa(*at(o)) },
		set: func(o *sockets.Options, text string) error {
			n, err := units.ParseCount(text, 0)
			if err == nil {
				*at(o) = n
			}
			return err
		},
	}
}

// buffer is the size of a buffer of the kernel, of which libzmq calls the system's own -1.
func buffer(name, help string, at func(*sockets.Options) *int) optionRow {
	row := number(name, help, at)
	set := row.set
	row.set = func(o *sockets.Options, text string) error {
		if text == "-1" {
			text = "0"
		}
		return set(o, text)
	}
	return row
}

// millis is a time in milliseconds; a negative one, where that is allowed, is -1.
func millis(name, help string, least int, at func(*sockets.Options) *time.Duration) optionRow {
	return optionRow{
		Name: name, help: help,
		Get: func(o *sockets.Options) string {
			if *at(o) < 0 {
				return "-1"
			}
			return strconv.FormatInt(at(o).Milliseconds(), 10)
		},
		set: func(o *sockets.Options, text string) error {
			d, err := parseMillis(text, least)
			if err == nil {
				*at(o) = d
			}
			return err
		},
	}
}

func boolean(name, help string, at func(*sockets.Options) *bool, of func(sockets.Type) bool) optionRow {
	return optionRow{
		Name: name, help: help, of: of,
		Get: func(o *sockets.Options) string { return bit(*at(o)) },
		set: func(o *sockets.Options, text string) (err error) {
			*at(o), err = units.ParseBool(text)
			return err
		},
	}
}

func blob(name, help string, at func(*sockets.Options) *[]byte, of func(sockets.Type) bool) optionRow {
	return optionRow{
		Name: name, help: help, of: of,
		Get: func(o *sockets.Options) string { return frames.FormatBytes(*at(o)) },
		set: func(o *sockets.Options, text string) (err error) {
			*at(o), err = frames.ParseBytes(text)
			return err
		},
	}
}

func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

func parseMillis(text string, least int) (time.Duration, error) {
	n, err := units.ParseCount(text, least)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w milliseconds", err)
	case n < 0:
		return -1, nil
	case int64(n) > 1<<40:
		return 0, fmt.Errorf("%q milliseconds is too long", text)
	}
	return time.Duration(n) * time.Millisecond, nil
}

func getMaxSize(o *sockets.Options) string {
	if o.MaxSize == 0 {
		return "-1"
	}
	return strconv.Itoa(o.MaxSize)
}

func setMaxSize(o *sockets.Options, text string) error {
	n, err := units.ParseCount(text, -1)
	switch {
	case err != nil:
		return err
	case n == 0:
		return errors.New("0 bytes would take empty messages only: expected 1 or more, or -1 for no limit")
	}
	o.MaxSize = max(n, 0)
	return nil
}

func getStall(o *sockets.Options) string {
	if o.StallTimeout == 0 {
		return "-1"
	}
	return strconv.FormatInt(o.StallTimeout.Milliseconds(), 10)
}

func setStall(o *sockets.Options, text string) error {
	d, err := parseMillis(text, -1)
	switch {
	case err != nil:
		return err
	case d == 0:
		return errors.New("0 milliseconds would close every peer that is waited for: expected 1 or more, or -1 for never")
	}
	o.StallTimeout = max(d, 0)
	return nil
}

func getKeepIdle(o *sockets.Options) string { return orSystem(int(o.KeepAliveIdle / time.Second)) }

func setKeepIdle(o *sockets.Options, text string) error {
	n, err := positive(text)
	o.KeepAliveIdle = time.Duration(n) * time.Second
	return err
}

func getKeepCount(o *sockets.Options) string { return orSystem(o.KeepAliveCount) }

func setKeepCount(o *sockets.Options, text string) (err error) {
	o.KeepAliveCount, err = positive(text)
	return err
}

// orSystem writes a number of which 0 stands for the system's, -1.
func orSystem(n int) string {
	if n == 0 {
		return "-1"
	}
	return strconv.Itoa(n)
}

// positive reads such a number.
func positive(text string) (int, error) {
	n, err := units.ParseCount(text, -1)
	if err == nil && (n == 0 || n > 1<<15) {
		err = fmt.Errorf("%q: expected 1 to 32768, or -1 for the system's", text)
	}
	return max(n, 0), err
}

func setDevice(o *sockets.Options, text string) error {
	if len(text) > 15 || strings.ContainsAny(text, "/ \x00") {
		return fmt.Errorf("%q is no name of a network interface, such as eth0", text)
	}
	o.Device = text
	return nil
}

func setTOS(o *sockets.Options, text string) error {
	n, err := units.ParseCount(text, 0)
	if err == nil && n > 255 {
		err = fmt.Errorf("%q: expected 0 to 255", text)
	}
	if err == nil {
		o.TOS = n
	}
	return err
}

func setProxy(o *sockets.Options, text string) error {
	host, port, err := net.SplitHostPort(text)
	if n, bad := strconv.ParseUint(port, 10, 16); text != "" && (err != nil || host == "" || bad != nil || n == 0) {
		return fmt.Errorf("%q is no HOST:PORT, such as 127.0.0.1:1080, PORT from 1 to 65535", text)
	}
	o.Proxy = text
	return nil
}

func getAccept(o *sockets.Options) string {
	var list []string
	for _, p := range o.AcceptFrom {
		list = append(list, p.String())
	}
	return strings.Join(list, ",")
}

// addAccept adds a network; the empty text, which getAccept returns for none, takes all
// away.
func addAccept(o *sockets.Options, text string) error {
	if text == "" {
		o.AcceptFrom = nil
		return nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, bad := netip.ParseAddr(text)
		if bad != nil {
			return fmt.Errorf("%q is no network: expected 10.0.0.0/8, say, or one address", text)
		}
		network = netip.PrefixFrom(address, address.BitLen())
	}
	o.AcceptFrom = append(slices.Clone(o.AcceptFrom), network)
	return nil
}

func getNotify(o *sockets.Options) string {
	n := 0
	if o.NotifyJoined {
		n++
	}
	if o.NotifyLeft {
		n += 2
	}
	return strconv.Itoa(n)
}

func setNotify(o *sockets.Options, text string) error {
	n, err := units.ParseCount(text, 0)
	if err == nil && n > 3 {
		err = fmt.Errorf("%q: expected 1 (there), 2 (left), 3 (both) or 0", text)
	}
	if err == nil {
		o.NotifyJoined, o.NotifyLeft = n&1 != 0, n&2 != 0
	}
	return err
}

func getConnectIDs(o *sockets.Options) string {
	var list []string
	for _, id := range o.ConnectIDs {
		list = append(list, frames.FormatBytes(id))
	}
	return strings.Join(list, ",")
}

// addConnectID adds an id; the empty one, which getConnectIDs returns for none, takes
// all away.
func addConnectID(o *sockets.Options, text string) error {
	if text == "" {
		o.ConnectIDs = nil
		return nil
	}
	id, err := frames.ParseBytes(text)
	if err == nil {
		o.ConnectIDs = append(slices.Clone(o.ConnectIDs), id)
	}
	return err
}

func getStop(o *sockets.Options) string {
	return strconv.Itoa(int(o.ReconnectStop &^ sockets.StopAlways))
}

func setStop(o *sockets.Options, text string) error {
	n, err := units.ParseCount(text, 0)
	if err == nil && n > 3 {
		err = fmt.Errorf("%q: expected 1 (nobody listens), 2 (a failed handshake), 3 (both) or 0", text)
	}
	if err == nil {
		o.ReconnectStop = o.ReconnectStop&sockets.StopAlways | sockets.Stop(n)
	}
	return err
}

func getReconnectMin(o *sockets.Options) string {
	if o.ReconnectStop&sockets.StopAlways != 0 {
		return "-1"
	}
	return strconv.FormatInt(o.ReconnectMin.Milliseconds(), 10)
}

func setReconnectMin(o *sockets.Options, text string) error {
	if text == "-1" {
		o.ReconnectStop |= sockets.StopAlways
		return nil
	}
	d, err := parseMillis(text, 1)
	if err != nil {
		err = fmt.Errorf("%w, or -1 for never again", err)
	} else {
		o.ReconnectStop &^= sockets.StopAlways
		o.ReconnectMin, o.ReconnectMax, o.ReconnectEarly = d, max(d, o.ReconnectMax), false
	}
	return err
}

func getReconnectMax(o *sockets.Options) string {
	return strconv.FormatInt(o.ReconnectMax.Milliseconds(), 10)
}

func setReconnectMax(o *sockets.Options, text string) error {
	d, err := parseMillis(text, 0)
	switch {
	case err != nil:
		return err
	case d == 0:
		d = o.ReconnectMin
	}
	o.ReconnectMin, o.ReconnectMax, o.ReconnectEarly = min(o.ReconnectMin, d), d, false
	return nil
}

func getKeepAlive(o *sockets.Options) string {
	switch {
	case o.KeepAlive < 0:
		return "0"
	case o.KeepAlive > 0:
		return "1"
	}
	return "-1"
}

// keepAlive is the interval that tcp_keepalive=1 stands for.
const keepAlive = 15 * time.Second

func setKeepAlive(o *sockets.Options, text string) error {
	switch text {
	case "-1":
		o.KeepAlive = 0
	case "0":
		o.KeepAlive = -1
	case "1":
		o.KeepAlive = max(o.KeepAlive, keepAlive)
	default:
		return errors.New("expected 1 (on), 0 (off) or -1 (the system's)")
	}
	return nil
}

func getKeepAliveInterval(o *sockets.Options) string {
	if o.KeepAlive > 0 {
		return strconv.Itoa(int(o.KeepAlive / time.Second))
	}
	return "-1"
}

func setKeepAliveInterval(o *sockets.Options, text string) error {
	n, err := units.ParseCount(text, -1)
	switch {
	case err != nil:
		return err
	case n == 0 || n > 1<<20:
		return fmt.Errorf("%q seconds: expected 1 to %d, or -1 for the system's", text, 1<<20)
	case n > 0:
		o.KeepAlive = time.Duration(n) * time.Second
	}
	return nil
}
