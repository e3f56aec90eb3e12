package sockets

import (
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// attack is a load that strangers put on a bound socket: a PUB, a REP, or a REP
// that is a PLAIN or CURVE server. It begins when start is called, and goes on
// until the test is over.
type attack struct {
	name                           string
	onPub, onRep, onPlain, onCurve bool
	least                          time.Duration // that it takes to do its worst; 0 is half a second
	start                          func(a *attackers)
}

// attackers are the connections and the goroutines of an attack.
type attackers struct {
	endpoint string
	over     chan struct{}
	running  sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]struct{} // to close at the end
}

// dial connects, and gives up without an error where the socket refuses.
func (a *attackers) dial() net.Conn {
	network, address := netAddress(a.endpoint)
	return a.keep(net.DialTimeout(network, address, watchdog))
}

// keep makes a connection be closed at the end.
func (a *attackers) keep(nc net.Conn, err error) net.Conn {
	if err != nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.over:
		_ = nc.Close()
		return nil
	default:
	}
	if a.conns == nil {
		a.conns = map[net.Conn]struct{}{}
	}
	a.conns[nc] = struct{}{}
	return nc
}

// pour writes text again and again until the attack is over or the socket closes,
// and reads nothing.
func (a *attackers) pour(first, again string) {
	nc := a.dial()
	if nc == nil {
		return
	}
	a.running.Go(func() {
		_, err := io.WriteString(nc, first)
		for err == nil && again != "" {
			_, err = io.WriteString(nc, again)
		}
	})
}

// dribble writes a byte a second, the first at once.
func (a *attackers) dribble(first, text string) {
	nc := a.dial()
	if nc == nil {
		return
	}
	a.running.Go(func() {
		_, err := io.WriteString(nc, first)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for i := 0; err == nil; i++ {
			if _, err = nc.Write([]byte{text[i%len(text)]}); err != nil {
				return
			}
			select {
			case <-tick.C:
			case <-a.over:
				return
			}
		}
	})
}

func (a *attackers) end() {
	close(a.over)
	a.mu.Lock()
	for nc := range a.conns {
		_ = nc.Close()
	}
	a.mu.Unlock()
	a.running.Wait()
}

// launch makes another process attack until the test is over, so that the attack's
// work is not done by ours.
func (a attack) launch(t *testing.T, endpoint string) {
	t.Helper()
	self, err := os.Executable()
	try(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestAttacker$")
	cmd.Env = append(os.Environ(), attackVariable+"="+a.name, attackedVariable+"="+endpoint)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	try(t, err)
	stdout, err := cmd.StdoutPipe()
	try(t, err)
	try(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	_, err = stdout.Read(make([]byte, 1)) // it has begun
	try(t, err)
}

// The environment that makes a process of TestAttacker.
const (
	attackVariable   = "ZCAT_TEST_ATTACK"
	attackedVariable = "ZCAT_TEST_ATTACKED"
)

// TestAttacker is the other process of an attack.
func TestAttacker(*testing.T) {
	for _, a := range slices.Concat(attacks(), attacksOnServers(), attacksOnMemory()) {
		if a.name == os.Getenv(attackVariable) {
			crowd := &attackers{endpoint: os.Getenv(attackedVariable), over: make(chan struct{})}
			a.start(crowd)
			_, _ = os.Stdout.WriteString("!")
			_, _ = io.Copy(io.Discard, os.Stdin)
			crowd.end()
		}
	}
}

func attacks() []attack {
	storm := strings.Repeat(subscription(1, false, "x")+subscription(1, true, "x"), 1000)
	return []attack{
		{name: "quiet", onPub: true, onRep: true, start: func(*attackers) {}},
		{name: "200 silent connections", onPub: true, onRep: true, start: func(a *attackers) {
			for range 200 {
				a.dial()
			}
		}},
		{name: "1000 connects a second", onPub: true, onRep: true, start: func(a *attackers) {
			a.running.Go(func() {
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				network, address := netAddress(a.endpoint)
				for range 5000 {
					select {
					case <-tick.C:
					case <-a.over:
						return
					}
					if nc, err := net.DialTimeout(network, address, watchdog); err == nil {
						_, _ = io.WriteString(nc, "GET / HTTP/1.1\r\n\r\n")
						_ = nc.Close()
					}
				}
			})
		}},
		{name: "slow writers", onPub: true, onRep: true, least: 2500 * time.Millisecond, start: func(a *attackers) { // three bytes each
			for range 25 {
				a.dribble("", greeting(1))
				a.dribble(greeting(1)+ready("REQ"), frame(1, strings.Repeat("x", 200)))
			}
		}},
		{name: "halves of large messages", onPub: true, onRep: true, start: func(a *attackers) {
			half := strings.Repeat("x", 4<<20)
			for _, kind := range []string{"REQ", "SUB"} {
				for range 20 {
					a.pour(greeting(1)+ready(kind)+frame(1, "")+header(0, 2*uint64(len(half)))+half, "")
				}
			}
		}},
		{name: "slow reader of replies", onRep: true, start: func(a *attackers) {
			a.pour(greeting(1)+ready("REQ"), strings.Repeat(message("", strings.Repeat("x", 1000)), 100))
		}},
		{name: "slow readers of news", onPub: true, start: func(a *attackers) {
			for range 25 {
				a.pour(greeting(1)+ready("SUB")+subscription(1, false, ""), "")
			}
		}},
		{name: "PING flood", onPub: true, onRep: true, start: func(a *attackers) {
			for _, kind := range []string{"REQ", "SUB"} {
				a.pour(greeting(1)+ready(kind), strings.Repeat(command("PING", "\xff\xff0123456789abcdef"), 1000))
			}
		}},
		{name: "flood of unknown commands", onPub: true, onRep: true, start: func(a *attackers) {
			for _, kind := range []string{"REQ", "SUB"} {
				a.pour(greeting(1)+ready(kind), strings.Repeat(command("NOISE", "xxxx"), 1000))
			}
		}},
		{name: "subscription storm", onPub: true, start: func(a *attackers) {
			a.pour(greeting(1)+ready("SUB")+subscription(1, false, "x"+strings.Repeat("y", 1<<20-1)), storm)
		}},
		{name: "250000 topics, again and again", onPub: true, start: func(a *attackers) {
			all := manySubscriptions(250000, func(i int) string { return "topic." + strconv.Itoa(i) })
			a.running.Go(func() {
				for {
					select {
					case <-a.over:
						return
					default:
					}
					if nc := a.dial(); nc != nil {
						_, _ = io.WriteString(nc, greeting(1)+ready("SUB")+all)
						_ = nc.Close()
					}
				}
			})
		}},
	}
}

// mostUnderAttack is the largest growth of the heap while strangers do their worst:
// the queues of those that do not read, at the high-water marks of the test.
const mostUnderAttack = 256 << 20

// TestUnderAttack: a good peer's requests are answered, and it gets its news,
// whatever strangers do meanwhile, and memory stays bounded. With -v it logs the
// times.
func TestUnderAttack(t *testing.T) {
	for _, a := range attacks() {
		if a.onRep {
			t.Run("REP/"+a.name, func(t *testing.T) { underAttack(t, a, Rep, requests) })
		}
		if a.onPub {
			t.Run("PUB/"+a.name, func(t *testing.T) { underAttack(t, a, Pub, news) })
		}
	}
}

func underAttack(t *testing.T, a attack, kind Type, traffic func(t *testing.T, s *Socket, endpoint string) (once func()), opts ...Option) {
	t.Helper()
	s := newSocket(t, kind, append(opts, func(o *Options) { o.SendHWMBytes, o.RecvHWMBytes = 8<<20, 8<<20 })...)
	endpoint := bind(t, s, anyPort)
	once := traffic(t, s, endpoint)
	once()
	before := heapInUse()
	a.launch(t, endpoint)
	const rounds = 100
	least := max(a.least, 500*time.Millisecond)
	var times []time.Duration
	for begin := time.Now(); len(times) < rounds || time.Since(begin) < least; {
		start := time.Now()
		once()
		times = append(times, time.Since(start))
	}
	grown := int64(heapInUse()) - int64(before)
	wantHeap(t, before, mostUnderAttack)
	slices.Sort(times)
	t.Logf("%7d rounds, p50 %v, p99 %v, longest %v; heap %+d KiB, %d goroutines", len(times),
		times[len(times)/2], times[len(times)*99/100], times[len(times)-1], grown>>10, runtime.NumGoroutine())
}

// requests makes a REP answer, and returns a function that makes one request of a
// good peer.
func requests(t *testing.T, s *Socket, endpoint string) (once func()) {
	t.Helper()
	return requestsOf(t, s, endpoint)
}

// requestsOf is the same for a peer with options.
func requestsOf(t *testing.T, s *Socket, endpoint string, opts ...Option) (once func()) {
	t.Helper()
	ctx := within(t)
	go echo(ctx, s)
	req := newSocket(t, Req, opts...)
	try(t, req.Connect(endpoint))
	return func() {
		try(t, req.Send(ctx, frames.Strings("hello")))
		_, err := req.Recv(ctx)
		try(t, err)
	}
}

// news returns a function that sends one message to a good subscriber.
func news(t *testing.T, s *Socket, endpoint string) (once func()) {
	t.Helper()
	sub := newSocket(t, Sub)
	try(t, sub.Subscribe([]byte("news")))
	try(t, sub.Connect(endpoint))
	try(t, s.WaitSubscribers(within(t), 1, []byte("news")))
	ctx, m := within(t), frames.Strings("news", strings.Repeat("x", 1000))
	return func() {
		try(t, s.Send(ctx, m))
		_, err := sub.Recv(ctx)
		try(t, err)
	}
}

// TestSilentConnection bounds the cost of one: a goroutine, and little memory.
func TestSilentConnection(t *testing.T) {
	const count = 1000
	s := newSocket(t, Pull)
	endpoint := bind(t, s, anyPort)
	crowd := &attackers{endpoint: endpoint, over: make(chan struct{})}
	t.Cleanup(crowd.end)
	crowd.dial()
	tasks, before := runtime.NumGoroutine(), footprint()
	for range count {
		if crowd.dial() == nil {
			t.Fatal("refused")
		}
	}
	eventually(t, func() bool {
		return greetersOf(s) == count+1
	})
	var goroutines int
	var bytes int64
	defer func() {
		t.Logf("%d goroutines, %d bytes for each of %d, the test's end of it included", goroutines, bytes, count)
	}()
	eventually(t, func() bool {
		goroutines, bytes = runtime.NumGoroutine()-tasks, (footprint()-before)/count
		return goroutines <= count+10 && bytes <= 16<<10
	})
	p := meet(t, endpoint, "PUSH")
	p.send(message("good"))
	expectParts(t, s, "good")
}

// footprint returns the size of the heap and the stacks in use, in bytes.
func footprint() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
