//go:build linux

package faults

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cable joins two rooms: a network device in each, and every packet between them
// passes through this process, which may lose it, hold it back, double it or
// flip a byte of it. That is what tc's netem does, but this needs no kernel module,
// and a seed decides.
type cable struct {
	a, b   *room
	faults atomic.Pointer[weather]

	carried, harmed atomic.Int64
}

// weather is what happens to packets on a cable: shares of 1, and times.
type weather struct {
	loss, double, flip float64
	late               float64       // this share is overtaken by later packets
	delay, lateness    time.Duration // for all, and more for those
	cut                bool          // nothing passes, and nobody is told
}

// The addresses of the two ends.
const (
	addrA, addrB   = "10.77.0.1", "10.77.0.2"
	addr6A, addr6B = "fd77::1", "fd77::2"
)

const device = "cable0"

// newCable makes two rooms and joins them.
func newCable(t *testing.T) *cable {
	t.Helper()
	needRoot(t, "a cable")
	c := &cable{a: newRoom(t), b: newRoom(t)}
	c.faults.Store(&weather{})
	a := plug(t, c.a, addrA, addr6A)
	b := plug(t, c.b, addrB, addr6B)
	var carriers sync.WaitGroup
	carriers.Go(func() { c.carry(a, b, 1) })
	carriers.Go(func() { c.carry(b, a, 2) })
	t.Cleanup(func() {
		_, _ = a.Close(), b.Close() // which ends the carriers
		carriers.Wait()
	})
	return c
}

// plug makes the end of a cable in a room.
func plug(t *testing.T, r *room, addr, addr6 string) *os.File {
	t.Helper()
	var (
		fd  int
		err error
	)
	r.run(func() {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0); err != nil {
			return
		}
		var request *unix.Ifreq
		if request, err = unix.NewIfreq(device); err == nil {
			request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
			err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
		}
	})
	if err != nil {
		t.Skipf("no cable can be made here: %v", err)
	}
	r.sh(t, "ip addr add "+addr+"/24 dev "+device)
	r.sh(t, "ip addr add "+addr6+"/64 dev "+device+" nodad")
	r.sh(t, "ip link set "+device+" up")
	return os.NewFile(uintptr(fd), device)
}

// set changes what happens from now on.
func (c *cable) set(w weather) { c.faults.Store(&w) }

// packet is a packet on its way.
type packet struct {
	bytes []byte
	due   time.Time
}

// carry takes packets from one end to the other, in order but for the late ones.
func (c *cable) carry(from, to *os.File, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 77))
	line := make(chan packet, 10000)
	var tail sync.WaitGroup
	tail.Go(func() {
		for p := range line {
			if wait := time.Until(p.due); wait > 0 {
				timer := time.NewTimer(wait)
				<-timer.C
			}
			_, _ = to.Write(p.bytes) // the other end may be down
		}
	})
	defer tail.Wait()
	defer close(line)
	for buf := make([]byte, 1<<16); ; {
		n, err := from.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		w := c.faults.Load()
		if err != nil || w.cut {
			continue
		}
		c.carried.Add(1)
		if chance.Float64() < w.loss {
			c.harmed.Add(1)
			continue
		}
		p := packet{append([]byte(nil), buf[:n]...), time.Now().Add(w.delay)}
		if n > 60 && chance.Float64() < w.flip {
			c.harmed.Add(1)
			p.bytes[60+chance.IntN(n-60)] ^= 1 << chance.IntN(8)
		}
		copies := 1
		if chance.Float64() < w.double {
			c.harmed.Add(1)
			copies = 2
		}
		for range copies {
			if chance.Float64() < w.late {
				c.harmed.Add(1)
				time.AfterFunc(w.delay+w.lateness, func() { _, _ = to.Write(p.bytes) })
				continue
			}
			select {
			case line <- p:
			default: // as a switch whose queue is full
			}
		}
	}
}
