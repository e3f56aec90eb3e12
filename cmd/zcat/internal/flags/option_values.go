package flags

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The kinds of socket options: how their values are read and written.

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

// identity is a routing id, or none.
func identity(name, help string) optionRow {
	row := blob(name, help, func(o *sockets.Options) *[]byte { return &o.Identity }, func(t sockets.Type) bool { return t.Traits().Announces })
	row.set = func(o *sockets.Options, text string) error {
		if text == "" {
			o.Identity = nil
			return nil
		}
		id, err := routingID(text)
		if err == nil {
			o.Identity = id
		}
		return err
	}
	return row
}

// routingID reads what a peer may be called.
func routingID(text string) ([]byte, error) {
	id, err := frames.ParseBytes(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is not an identity: %w", text, err)
	case len(id) == 0 || len(id) > 255:
		return nil, fmt.Errorf("an identity of %d bytes: expected 1 to 255", len(id))
	case id[0] == 0:
		return nil, fmt.Errorf("%q begins with a zero byte, which is for the ids that a ROUTER makes up", text)
	}
	return id, nil
}

func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

func setDevice(o *sockets.Options, text string) error {
	if len(text) > 15 || strings.ContainsAny(text, "/ \x00") {
		return fmt.Errorf("%q is no name of a network interface, such as eth0", text)
	}
	o.Device = text
	return nil
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
	id, err := routingID(text)
	if err == nil {
		o.ConnectIDs = append(slices.Clone(o.ConnectIDs), id)
	}
	return err
}
