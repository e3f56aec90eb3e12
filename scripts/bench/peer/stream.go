//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// last is set in the number of the last message.
const last = 1 << 63

// batchBytes is what the sockets write at a time on tcp, in bytes.
const batchBytes = 65483

// headerBytes is the length of the header in front of most messages.
const headerBytes = 2

// number writes a message's number into its ends.
func number(body []byte, n uint64) {
	binary.LittleEndian.PutUint64(body, n)
	binary.LittleEndian.PutUint64(body[len(body)-8:], n)
}

// number is number, in digits where the messages are text.
func (t *task) number(body []byte, n uint64) {
	if !t.text {
		number(body, n)
		return
	}
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], n)
	hex.Encode(body, raw[:])
	copy(body[len(body)-textDigits:], body[:textDigits])
}

// textDigits is the length of a number in messages of text.
const textDigits = 16

// verify is verify, for text too.
func (t *task) verify(body []byte, n uint64) (bool, error) {
	if !t.text || len(body) != t.size {
		return verify(body, t.size, n)
	}
	var first [8]byte
	_, err := hex.Decode(first[:], body[:textDigits])
	if err != nil || !bytes.Equal(body[:textDigits], body[t.size-textDigits:]) {
		return false, damage(fmt.Sprintf("message %d was changed", n))
	}
	ends := make([]byte, 2*8)
	copy(ends, first[:])
	number(ends, binary.BigEndian.Uint64(first[:]))
	return verify(ends, len(ends), n)
}

// isNext reports whether body is message n, and not the last. It is what verify finds of
// all but a few, made part of the loop as the compiler of C does it: a third of what a
// receiver of 16 bytes did was verify.
func isNext(body []byte, size int, n uint64) bool {
	return len(body) == size && binary.LittleEndian.Uint64(body) == n && binary.LittleEndian.Uint64(body[size-8:]) == n
}

// verify reports whether message n, of size bytes, is the last.
func verify(body []byte, size int, n uint64) (bool, error) {
	if len(body) != size {
		return false, damage(fmt.Sprintf("message %d was cut to %d bytes", n, len(body)))
	}
	first := binary.LittleEndian.Uint64(body)
	if first != binary.LittleEndian.Uint64(body[size-8:]) {
		return false, damage(fmt.Sprintf("message %d was changed", n))
	}
	if first&^last != n {
		return false, damage(fmt.Sprintf("message %d was lost: %d came", n, first&^last))
	}
	return first&last != 0, nil
}

func (t *task) produce(s *sockets.Socket) error {
	ctx := context.Background()
	var err error
	if s.Type() == sockets.Pub {
		err = s.WaitSubscribers(ctx, int(t.rate), nil)
	} else {
		err = s.WaitPeers(ctx, 1)
	}
	body := bytes.Repeat([]byte("x"), t.size)
	m := frames.Message{body}
	var b frames.Batch
	n, end := uint64(0), time.Now().Add(time.Duration(t.seconds*float64(time.Second)))
	for err == nil && time.Now().Before(end) {
		if t.size > 64<<10 && s.Type() == sockets.Push { // as an application sends one
			t.number(body, n)
			n++
			err = s.Send(ctx, m)
			continue
		}
		for ok := true; ok; ok = b.Size()+headerBytes+t.size <= batchBytes {
			t.number(body, n)
			b.Append(m)
			n++
		}
		err = s.SendBatch(ctx, &b)
	}
	if err != nil {
		return err
	}
	t.number(body, n|last)
	if err := s.Send(ctx, m); err != nil {
		return err
	}
	awaitEnd()
	return nil
}

// span is the count of one receiver: the messages after the first ones, from begin.
type span struct {
	messages   uint64
	begin, end time.Time
}

func (t *task) receive(s *sockets.Socket) (span, error) {
	var got span
	var b frames.Batch
	n, over := uint64(0), false
	for !over {
		if err := s.RecvBatch(context.Background(), &b); err != nil {
			return got, err
		}
		if n == 0 {
			got.begin = time.Now()
			got.messages -= uint64(b.Len())
		}
		for m := b.Next(); m != nil; m = b.Next() {
			if !t.text && isNext(m[0], t.size, n) {
				n++
				continue
			}
			var err error
			if over, err = t.verify(m[0], n); err != nil {
				return got, err
			}
			n++
		}
	}
	got.messages += n
	got.end = time.Now()
	return got, nil
}

func (t task) consume(s *sockets.Socket) error {
	got, err := t.receive(s)
	if err != nil {
		return err
	}
	return got.print()
}

func (s span) print() error {
	_, err := fmt.Fprintf(os.Stdout, "%d %.9f\n", s.messages, s.end.Sub(s.begin).Seconds())
	return err
}

// subscribe is sub for N subscribers, each a socket of its own.
func (t task) subscribe() error {
	type result struct {
		span
		err error
	}
	results := make(chan result)
	subscribers := max(1, int(t.rate))
	for range subscribers {
		go func() {
			var r result
			r.err = t.with(sockets.Sub, func(s *sockets.Socket) (err error) {
				r.span, err = t.receive(s)
				return err
			})
			results <- r
		}()
	}
	var all span
	for i := range subscribers {
		r := <-results
		if r.err != nil {
			return r.err
		}
		all.messages += r.messages
		if i == 0 || r.begin.Before(all.begin) {
			all.begin = r.begin
		}
		if r.end.After(all.end) {
			all.end = r.end
		}
	}
	return all.print()
}
