package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// noKeepAlive undoes Go's own default of a probe every 15 s: without an option,
// the system decides.
const noKeepAlive = -1

func tcpTransport() transport {
	return transport{
		scheme: schemeTCP, parse: parseTCP, format: formatTCP,
		short: func(text string) bool {
			return strings.HasPrefix(text, ":") || strings.HasPrefix(text, "*:") || isHostPort(text) && !isPath(text)
		},
		checkBind: checkBindTCP, checkConnect: checkConnectTCP,
		listen:     func(ctx context.Context, e Endpoint) (Listener, error) { return e.listenTCP(ctx) },
		dial:       func(ctx context.Context, e Endpoint) (net.Conn, error) { return e.dialTCP(ctx, e.to.host) },
		dialWithin: dialTCPWithin,
		near:       nearTCP,
		raw: func(nc net.Conn) raw {
			if tc, ok := nc.(*net.TCPConn); ok {
				return tcpRaw{kernel{tc}, tc}
			}
			return nil
		},
	}
}

func formatTCP(e Endpoint) string {
	if e.from.host != "" {
		return e.from.String() + ";" + e.to.String()
	}
	return e.to.String()
}

func checkBindTCP(e Endpoint) error {
	if e.from.host != "" {
		return refuse(e.String(), "a source address is for connecting only", "tcp://"+e.to.String())
	}
	return nil
}

func checkConnectTCP(e Endpoint) error {
	if e.to.host != "*" && e.to.port != 0 {
		return nil
	}
	hint := e
	what := "port 0 and \"*\" stand for any free port at a bind; a connect needs the port itself"
	if e.to.port == 0 {
		hint.to.port = 5555
	}
	if e.to.host == "*" {
		what = "the host \"*\" is every interface at a bind; a connect needs one host"
		hint.to.host = "127.0.0.1"
	}
	return refuse(e.String(), what, hint.String())
}

// tcpRaw is a tcp connection.
type tcpRaw struct {
	kernel
	tcp *net.TCPConn
}

// tcpWrite is the largest write(2) on tcp, in bytes: the largest segment of the
// loopback interface. A stream of larger writes reached less than half the speed there;
// long messages, whose sender waits until they have left, gain a sixth by them.
const tcpWrite = 65483

func (tcpRaw) traits() Traits { return Traits{MaxWrite: tcpWrite, LongWrite: otherWrite, Queues: true} }

func (r tcpRaw) address() string {
	if a, ok := r.tcp.RemoteAddr().(*net.TCPAddr); ok && a != nil {
		address := a.AddrPort().Addr().Unmap()
		return address.String()
	}
	return ""
}

func (r tcpRaw) peer(endpoint string) string {
	if a, ok := r.tcp.RemoteAddr().(*net.TCPAddr); ok && a != nil {
		return schemeTCP + "://" + a.String()
	}
	return endpoint
}

// TCPOptions are settings of one tcp connection; 0 leaves one to the system.
type TCPOptions struct {
	SendBuffer int           // the kernel's buffer in bytes
	RecvBuffer int           // the kernel's buffer in bytes
	KeepAlive  time.Duration // between keep-alive probes; negative sends none
	KeepIdle   time.Duration // before the first one; 0: as between two
	KeepCount  int           // unanswered ones that end the connection
	TOS        int           // the type of service, or traffic class, of packets
}

// SetOptions applies o to nc. A connection that is not tcp has none of them and
// stays as it is.
func SetOptions(nc net.Conn, o TCPOptions) error { return rawOf(nc).setOptions(o) }

func (r tcpRaw) setOptions(o TCPOptions) error {
	tc := r.tcp
	if o.SendBuffer > 0 {
		if err := tc.SetWriteBuffer(o.SendBuffer); err != nil {
			return fmt.Errorf("send buffer of %d bytes: %w", o.SendBuffer, cause(err))
		}
	}
	if o.RecvBuffer > 0 {
		if err := tc.SetReadBuffer(o.RecvBuffer); err != nil {
			return fmt.Errorf("receive buffer of %d bytes: %w", o.RecvBuffer, cause(err))
		}
	}
	if o.TOS != 0 {
		if err := setTOS(tc, o.TOS); err != nil {
			return fmt.Errorf("type of service %d: %w", o.TOS, cause(err))
		}
	}
	if o.KeepAlive != 0 || o.KeepIdle > 0 || o.KeepCount > 0 {
		c := net.KeepAliveConfig{Enable: o.KeepAlive >= 0, Idle: -1, Interval: -1, Count: -1}
		if o.KeepAlive > 0 {
			c.Idle, c.Interval = o.KeepAlive, o.KeepAlive
		}
		if o.KeepIdle > 0 {
			c.Idle = o.KeepIdle
		}
		if o.KeepCount > 0 {
			c.Count = o.KeepCount
		}
		if err := tc.SetKeepAliveConfig(c); err != nil {
			return fmt.Errorf("keep-alive every %s: %w", o.KeepAlive, cause(err))
		}
	}
	return nil
}

// tcpListener is a Listener on a tcp port.
type tcpListener struct {
	net.Listener
	endpoint string
}

func (l *tcpListener) Endpoint() string { return l.endpoint }

func (l *tcpListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.endpoint, cause(err))
	}
	return nc, nil
}

func (l *tcpListener) Close() error {
	if err := l.Listener.Close(); err != nil {
		return fmt.Errorf("%s: %w", l.endpoint, cause(err))
	}
	return nil
}

func (e Endpoint) listenTCP(ctx context.Context) (Listener, error) {
	network, host := "tcp", e.to.host
	addr, err := netip.ParseAddr(host)
	switch {
	case host == "*":
		host = "" // one socket for both families, where the machine has both
	case err == nil && addr.Is4():
		network = "tcp4" // else Go makes 0.0.0.0 both families too
	case err != nil:
		if a, ok := interfaceAddr(host, false); ok {
			host = a.String()
		}
	}
	settings := settingsOf(ctx)
	config := net.ListenConfig{KeepAlive: noKeepAlive, Control: settings.tcp(nil)}
	config.SetMultipathTCP(false)
	port := strconv.Itoa(int(e.to.port))
	var l net.Listener
	if host == "" {
		// Go itself would leave IPv6 out where the loopback has no IPv4 address.
		both := config
		both.Control = settings.tcp(bothFamilies)
		l, err = both.Listen(ctx, "tcp6", net.JoinHostPort("::", port))
	}
	if l == nil && !isInUse(err) {
		l, err = config.Listen(ctx, network, net.JoinHostPort(host, port))
	}
	if err != nil {
		return nil, err
	}
	if err := settings.listening(l); err != nil {
		_ = l.Close()
		return nil, err
	}
	endpoint := schemeTCP + "://" + l.Addr().String()
	if a, ok := l.Addr().(*net.TCPAddr); ok && e.to.host == "*" {
		endpoint = fmt.Sprintf("tcp://0.0.0.0:%d", a.Port)
	}
	return &tcpListener{l, endpoint}, nil
}

// lookUp returns the addresses of host, a name or an address, with their zones.
func lookUp(ctx context.Context, host string) ([]net.IPAddr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []net.IPAddr{{IP: addr.AsSlice(), Zone: addr.Zone()}}, nil
	}
	return net.DefaultResolver.LookupIPAddr(ctx, host)
}

// dialTCP connects to host, which is that of e or its address.
func (e Endpoint) dialTCP(ctx context.Context, host string) (net.Conn, error) {
	settings := settingsOf(ctx)
	d := net.Dialer{KeepAlive: noKeepAlive, Control: settings.tcp(nil)}
	d.SetMultipathTCP(false)
	if e.from.host != "" {
		source, err := e.source()
		if err != nil {
			return nil, err
		}
		d.LocalAddr = source
		d.Control = settings.tcp(reuseAddress)
	} else if settings.Device == "" {
		d.Control = ahead()
	}
	if settings.Proxy != "" {
		return dialSocks(ctx, &d, settings.Proxy, e.to.host, e.to.port)
	}
	return d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(int(e.to.port))))
}

// dialTCPWithin limits the time for each address that a name stands for.
func dialTCPWithin(ctx context.Context, e Endpoint, limit time.Duration) (net.Conn, error) {
	if settingsOf(ctx).Proxy != "" { // it looks the name up
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return e.dialTCP(ctx, e.to.host)
	}
	begun := time.Now()
	addrs, err := lookUp(ctx, e.to.host)
	if err != nil {
		return nil, err
	}
	host := e.to.host
	if len(addrs) > 1 {
		// Package net looks up again, and divides the time among the addresses.
		limit = time.Duration(len(addrs))*limit + 2*time.Since(begun)
	} else {
		host = addrs[0].String()
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return e.dialTCP(ctx, host)
}

// source returns the address to connect from.
func (e Endpoint) source() (*net.TCPAddr, error) {
	if e.from.host == "*" {
		return &net.TCPAddr{Port: int(e.from.port)}, nil
	}
	addr, err := netip.ParseAddr(e.from.host)
	if err != nil {
		target, _ := netip.ParseAddr(e.to.host) // a name is looked up later, and is IPv4 here
		var ok bool
		if addr, ok = interfaceAddr(e.from.host, target.Is6()); !ok {
			return nil, fmt.Errorf("the source %q is neither an IP address nor an interface with one", e.from.host)
		}
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, e.from.port)), nil
}

// interfaceAddr finds an address of the network interface called name: the first
// of the wanted family, else the first of the other.
func interfaceAddr(name string, want6 bool) (netip.Addr, bool) {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return netip.Addr{}, false
	}
	addrs, err := ifi.Addrs()
	if err != nil {
		return netip.Addr{}, false
	}
	var found netip.Addr
	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		addr := prefix.Addr()
		if addr.IsLinkLocalUnicast() && addr.Is6() {
			addr = addr.WithZone(name)
		}
		if addr.Is6() == want6 {
			return addr, true
		}
		if !found.IsValid() {
			found = addr
		}
	}
	return found, found.IsValid()
}
