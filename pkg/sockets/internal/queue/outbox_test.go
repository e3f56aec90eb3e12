package queue

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// boxTest is an outbox and the far ends of its connections.
type boxTest struct {
	testing.TB
	out   Outbox
	wakes atomic.Int32
	conn  *zmtp.Conn
	far   net.Conn
}

func newBoxTest(t testing.TB, hwm, hwmBytes int) *boxTest {
	t.Helper()
	b := &boxTest{TB: t}
	b.out.Open(Settings{Marks: Marks{hwm, hwmBytes}, Returns: true, Wake: func() { b.wakes.Add(1) }})
	t.Cleanup(func() {
		b.disconnect()
		b.out.Drop()
	})
	return b
}

// connect gives the outbox a pipe without a buffer: a write returns once it was
// read.
func (b *boxTest) connect() {
	b.Helper()
	near, far := net.Pipe()
	try(b, far.SetDeadline(time.Now().Add(watchdog)))
	b.far = far
	b.conn = zmtp.NewConn(near, zmtp.Peer{Major: 3, Minor: 1}, nil, zmtp.Setup{})
	b.out.Online(b.conn)
}

func (b *boxTest) disconnect() {
	if b.conn != nil {
		_ = b.far.Close()
		b.out.Offline(b.conn)
		b.conn.Close()
		b.conn = nil
	}
}

func (b *boxTest) offer(parts ...string) (taken int) {
	b.Helper()
	var wire []byte
	for _, part := range parts {
		wire = append(wire, message(part)...)
	}
	size, taken := b.out.Offer(wire, len(parts), nil)
	want := 0
	for _, part := range parts[:taken] {
		want += len(message(part))
	}
	if size != want {
		b.Fatalf("took %d messages and %d bytes, want %d bytes", taken, size, want)
	}
	return taken
}

func (b *boxTest) expect(bytes string) {
	b.Helper()
	got := make([]byte, len(bytes))
	if n, err := io.ReadFull(b.far, got); err != nil || string(got) != bytes {
		b.Fatalf("read %q, %v, want %q", got[:n], err, bytes)
	}
}

// TestOutboxMarks takes the front of a batch as far as both marks allow.
func TestOutboxMarks(t *testing.T) {
	for _, c := range []struct {
		hwm, hwmBytes int
		offers        [][]string
		taken         []int
	}{
		{3, 0, [][]string{{"a", "b"}, {"c", "d"}, {"e"}}, []int{2, 1, 0}},
		{0, 10, [][]string{{"a", "b", "c", "d", "e"}, {"f"}}, []int{4, 0}}, // one may exceed the mark in bytes
		{0, 10, [][]string{{"more than ten bytes"}, {"a"}}, []int{1, 0}},
		{0, 10, [][]string{{"more than ten bytes", "a"}}, []int{1}},
		{0, 10, [][]string{{"a"}, {"more than ten bytes"}, {"b"}}, []int{1, 1, 0}},
		{1, 10, [][]string{{"a", "b"}}, []int{1}},
		{0, 0, [][]string{{"a", "b"}, {"c"}}, []int{2, 1}},
	} {
		b := newBoxTest(t, c.hwm, c.hwmBytes)
		for i, parts := range c.offers {
			if taken := b.offer(parts...); taken != c.taken[i] {
				t.Errorf("marks %d and %d: %d taken of %q, want %d", c.hwm, c.hwmBytes, taken, parts, c.taken[i])
			}
		}
	}
}

// TestOutboxPut queues without writing until the flush, or until there is no
// room for more.
func TestOutboxPut(t *testing.T) {
	b := newBoxTest(t, 2, 0)
	b.connect()
	for _, part := range []string{"a", "b"} {
		if b.out.Put([]byte(message(part)), 1) != 1 {
			t.Fatal("no room")
		}
	}
	if b.out.writing {
		t.Error("written before the flush")
	}
	b.out.Flush()
	b.expect(message("a") + message("b"))
	eventually(t, func() bool { return b.out.RoomFor() })
}

// TestOutboxRewind goes back to the start of a message that was cut at any byte
// and sends it whole to the next connection.
func TestOutboxRewind(t *testing.T) {
	all := message("one") + message("two", "parts") + message("three")
	for cut := range len(all) + 1 {
		t.Run(strconv.Itoa(cut), func(t *testing.T) {
			b := newBoxTest(t, 0, 0)
			if _, taken := b.out.Offer([]byte(all), 3, nil); taken != 3 {
				t.Fatalf("%d taken", taken)
			}
			b.connect()
			b.expect(all[:cut])
			b.disconnect()
			eventually(t, func() bool {
				b.out.mu.Lock()
				defer b.out.mu.Unlock()
				return !b.out.writing
			})
			read := len(message("one"))
			switch {
			case cut < read:
				read = 0
			case cut == len(all):
				read = len(all)
			case cut >= len(all)-len(message("three")):
				read = len(all) - len(message("three"))
			}
			if want := all[read:]; b.out.unsent().Size != len(want) {
				t.Fatalf("%d bytes are left, want %d", b.out.unsent().Size, len(want))
			}
			b.connect()
			go b.out.Offer([]byte(message("marker")), 1, nil)
			b.expect(all[read:] + message("marker"))
		})
	}
}

// TestOutboxReconnects reads random pieces over many connections: whole messages
// arrive once each and in order, however the connections end.
func TestOutboxReconnects(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			b := newBoxTest(t, 50, 4000)
			const count = 300
			var sizes []int // of the messages that were taken
			for received := 0; received < count; {
				b.connect()
				var pending []byte
				for range 1 + r.IntN(10) {
					for len(sizes) < count {
						text := fmt.Sprintf("%d %0*d", len(sizes), r.IntN(300), 0)
						if b.offer(text) == 0 {
							break
						}
						sizes = append(sizes, len(message(text)))
					}
					unread := -len(pending)
					for _, size := range sizes[received:] {
						unread += size
					}
					if unread == 0 {
						break
					}
					buf := make([]byte, 1+r.IntN(500))
					n, err := b.far.Read(buf)
					try(t, err)
					pending = append(pending, buf[:n]...)
				}
				b.disconnect()
				received = expectNumbers(t, pending, received)
			}
		})
	}
}

// expectNumbers reads the whole messages in wire, which count up from next.
func expectNumbers(t *testing.T, wire []byte, next int) int {
	t.Helper()
	for {
		_, size, n := framing.ParseHeader(wire)
		if n == 0 || uint64(len(wire)-n) < size {
			return next
		}
		number, _, _ := bytes.Cut(wire[n:], []byte(" "))
		if string(number) != strconv.Itoa(next) {
			t.Fatalf("message %s, want %d", number, next)
		}
		next++
		wire = wire[n+int(size):]
	}
}

// TestOutboxCommands sends commands before the messages that wait, but never
// inside one.
func TestOutboxCommands(t *testing.T) {
	b := newBoxTest(t, 0, 0)
	long := message(string(bytes.Repeat([]byte("x"), 1000)))
	b.offer("first")
	b.out.Begin([]byte(command("SUBSCRIBE", "A")))
	b.connect()
	b.expect(command("SUBSCRIBE", "A") + message("first"))
	b.out.Offer([]byte(long), 1, nil)
	b.expect(long[:500])
	b.offer("next")
	b.out.Command([]byte(command("PONG", "")), true)
	b.expect(long[500:] + command("PONG", "") + message("next"))
}

// TestOutboxStaleCommands drops commands that were queued when the connection was
// down already but its end not yet noted.
func TestOutboxStaleCommands(t *testing.T) {
	b := newBoxTest(t, 0, 0)
	b.offer("message")
	b.out.Command([]byte(command("SUBSCRIBE", "stale")), false)
	b.out.Begin([]byte(command("SUBSCRIBE", "fresh")))
	b.connect()
	b.expect(command("SUBSCRIBE", "fresh") + message("message"))
}

// TestOutboxPongs bounds the PONGs that wait for a peer which does not read.
func TestOutboxPongs(t *testing.T) {
	b := newBoxTest(t, 0, 0)
	b.connect()
	pong := []byte(command("PONG", "0123456789abcdef"))
	for range 10 * maxPongs / len(pong) {
		b.out.Command(pong, true)
	}
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	if n := len(b.out.control); n > maxPongs+len(pong) {
		t.Errorf("%d bytes of PONGs wait", n)
	}
}

// TestOutboxBeginsWhole keeps what a connection begins with, however many commands come
// before it is online, and whatever the mark: a greeting, then subscriptions. PONGs over
// the mark are dropped, and end nothing.
func TestOutboxBeginsWhole(t *testing.T) {
	b := newBoxTest(t, 0, 40)
	b.offer("news")
	subscribe, pong := command("SUBSCRIBE", "a topic"), command("PONG", "0123456789abcdef")
	b.out.Begin([]byte(subscribe))
	want := subscribe
	for range 5 {
		b.out.Command([]byte(subscribe), false)
		want += subscribe
		b.out.Command([]byte(pong), true)
	}
	b.connect()
	b.expect(want + message("news"))
	b.disconnect()
	b.out.Greet([]byte(message("hello")))
	for range 5 {
		b.out.Command([]byte(pong), true)
	}
	b.connect()
	b.offer("more")
	b.expect(message("hello") + pong)
	for range 50 { // nobody reads
		b.out.Command([]byte(pong), true)
	}
	var read []byte
	for part := make([]byte, 100); !bytes.Contains(read, []byte(message("more"))); {
		n, err := b.far.Read(part)
		try(t, err)
		read = append(read, part[:n]...)
	}
	if n := len(read); n > 5*len(pong) {
		t.Errorf("%d bytes of PONGs, with a mark of 40", n)
	}
}

// TestOutboxConflate keeps the newest message, and one that is on its way.
func TestOutboxConflate(t *testing.T) {
	b := newBoxTest(t, 1, 1)
	b.out.settings.Conflate = true
	b.offer("1", "2", "3")
	b.offer("4")
	b.connect()
	b.expect(message("4")[:1]) // a part is on its way
	b.offer("5", "6")
	b.offer("7")
	b.expect(message("4")[1:] + message("7"))
	eventually(t, b.out.Drained)
}

// TestOutboxNotices wakes a waiter once: one for room when the queue is half empty,
// one for the end when all is written, and either when the peer is gone.
func TestOutboxNotices(t *testing.T) {
	b := newBoxTest(t, 4, 0)
	if !b.out.RoomFor() || !b.out.Drained() {
		t.Fatal("an empty outbox is full")
	}
	for range 4 {
		b.offer("x")
	}
	if b.out.RoomFor() {
		t.Fatal("a full outbox has room")
	}
	b.connect()
	for range 4 {
		b.expect(message("x"))
	}
	eventually(t, func() bool { return b.wakes.Load() == 1 })
	b.offer("x")
	if b.out.Drained() {
		t.Fatal("drained with a message that nobody read")
	}
	b.expect(message("x"))
	eventually(t, func() bool { return b.wakes.Load() == 2 })
	b.disconnect()
	b.offer("left", "over")
	if b.out.Drained() {
		t.Fatal("drained with messages for nobody")
	}
	if left := b.out.Drop(); left != 2 || b.wakes.Load() != 3 {
		t.Errorf("%d left, %d wakes", left, b.wakes.Load())
	}
	if b.offer("late") != 0 || b.out.Put([]byte(message("late")), 1) == 1 {
		t.Error("a dropped outbox takes messages")
	}
	if !b.out.RoomFor() || !b.out.Drained() {
		t.Error("a dropped outbox lets its sender wait")
	}
}

// TestOutboxFailedWrite leaves to the caller the messages that a failed connection
// did not take whole.
func TestOutboxFailedWrite(t *testing.T) {
	b := newBoxTest(t, 1, 0)
	b.connect()
	b.conn.Close()
	try(t, b.far.Close())
	taken := 0
	eventually(t, func() bool {
		// While a write is under way its message counts as left, and one more fits.
		taken += b.offer("x")
		b.out.mu.Lock()
		defer b.out.mu.Unlock()
		return b.out.conn == nil && !b.out.writing
	})
	if n := b.out.unsent().Count; n != taken || n < 1 || n > 2 {
		t.Errorf("%d messages wait, %d were taken", n, taken)
	}
	b.connect()
	b.expect(message("x"))
}

// A long message whose memory is given to the queue is not copied.
func TestOutboxKeepsWhatIsGiven(t *testing.T) {
	b := newBoxTest(t, 0, 0)
	long, short := []byte(message(string(make([]byte, LongRest)))), []byte(message("short"))
	if !b.out.Answer(long, 1, Load{}, Given(long)) || !b.out.QueueFrom(short, Given(short)) {
		t.Fatal("they were not taken")
	}
	if got := b.out.queue[0].wire; &got[0] != &long[0] {
		t.Error("the long one was copied")
	}
	b.connect()
	go b.out.Flush()
	b.expect(string(long) + string(short))
}

// TestRoomIsWhatPutTakes: whichever mark comes first, or none.
func TestRoomIsWhatPutTakes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		b := newBoxTest(t, r.IntN(8), r.IntN(3)*r.IntN(60))
		for range 3 {
			var wire []byte
			count := r.IntN(10)
			for range count {
				wire = framing.AppendFrame(wire, make([]byte, r.IntN(12)), false)
			}
			room := b.out.Room(wire, count, false)
			if taken := b.out.Put(wire, count); taken != room {
				t.Fatalf("marks %v: room for %d of %d messages, and %d taken", b.out.settings.Marks, room, count, taken)
			}
		}
	}
}

// TestRoomOfOneWrite: what is written at once and the kernel is likely to take has room
// beyond the mark in messages, and nothing else has.
func TestRoomOfOneWrite(t *testing.T) {
	const count = 1000
	wire := []byte(strings.Repeat(message("x"), count))
	room := func(hwm, hwmBytes int, wire []byte, now bool, prepare func(b *boxTest)) int {
		b := newBoxTest(t, hwm, hwmBytes)
		prepare(b)
		return b.out.Room(wire, len(wire)/len(message("x")), now)
	}
	connected := func(b *boxTest) { b.connect() }
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"at once", room(5, 0, wire, true, connected), count},
		{"later", room(5, 0, wire, false, connected), 5},
		{"too many bytes", room(5, len(wire)-1, wire, true, connected), 5},
		{"more than a write", room(5, 0, bytes.Repeat(wire, PassSize/len(wire)+1), true, connected), 5},
		{"no connection", room(5, 0, wire, true, func(*boxTest) {}), 5},
		{"behind another", room(5, 0, wire, true, func(b *boxTest) {
			b.out.Put([]byte(message("x")), 1)
			b.connect()
			b.expect(message("x")[:1]) // it is being written, and counts as such
		}), 5},
	} {
		if c.got != c.want {
			t.Errorf("%s: room for %d, want %d", c.name, c.got, c.want)
		}
	}
}

// BenchmarkRoom asks with 64 KiB of messages of 16 bytes, of which the mark leaves room
// for a thousand: what a publisher that may not drop asks for each of its subscribers.
func BenchmarkRoom(b *testing.B) {
	box, wire := newBoxTest(b, 1000, 64<<20), []byte(nil)
	count := 0
	for ; len(wire) < 64<<10; count++ {
		wire = framing.AppendFrame(wire, make([]byte, 16), false)
	}
	for b.Loop() {
		if box.out.Room(wire, count, false) != 1000 {
			b.Fatal("no room")
		}
	}
}

// TestPutBodies takes as many messages at once as Put takes one after the other, and
// writes the same, without their first frames.
func TestPutBodies(t *testing.T) {
	for _, marks := range []Marks{{}, {3, 0}, {7, 0}, {0, 40}, {4, 20}, {1, 1}} {
		for count := range 9 {
			whole, single := newBoxTest(t, marks.Messages, marks.Bytes), newBoxTest(t, marks.Messages, marks.Bytes)
			id := message("id")
			id = "\x01" + id[1:]
			var wire, want string
			taken := 0
			for i := range count {
				body := message(fmt.Sprint(i), "", "body"[:i%4])
				wire += id + body
				if single.out.Put([]byte(body), 1) == 1 {
					want += body
					taken++
				}
			}
			if got := whole.out.PutBodies([]byte(wire), len(id), count); got != taken {
				t.Errorf("marks %v: %d of %d taken, want %d", marks, got, count, taken)
			}
			if got := whole.out.Waiting(); got != taken {
				t.Errorf("marks %v: %d wait, want %d", marks, got, taken)
			}
			// More of the same goes behind it.
			if single.out.Put([]byte(message("x")), 1) == 1 {
				want += message("x")
			}
			whole.out.PutBodies([]byte(id+message("x")), len(id), 1)
			whole.connect()
			whole.expect(want)
		}
	}
}
