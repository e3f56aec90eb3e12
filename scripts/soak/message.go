//go:build linux

package main

import (
	"fmt"
	"hash/crc32"
	"strconv"

	"github.com/zcat/zcat/pkg/frames"
)

// A message names its sender and its number, from 1, and holds a payload and the
// checksum of all that.

// newMessage makes message n of a sender, whose size follows from n.
func newMessage(sender string, n int) frames.Message {
	payload := make([]byte, n*n*31%3000)
	for i := range payload {
		payload[i] = byte(n + i)
	}
	m := frames.Message{[]byte(sender), strconv.AppendInt(nil, int64(n), 10), payload}
	return append(m, checksum(m))
}

func checksum(m frames.Message) []byte {
	sum := uint32(0)
	for _, frame := range m {
		sum = crc32.Update(sum, crc32.IEEETable, frame)
	}
	return strconv.AppendUint(nil, uint64(sum), 10)
}

// read returns what the last four frames of a message say.
func read(m frames.Message) (sender string, n int, err error) {
	if len(m) < 4 {
		return "", 0, fmt.Errorf("a message of %d frames", len(m))
	}
	m = m[len(m)-4:]
	if string(checksum(m[:3])) != string(m[3]) {
		return "", 0, fmt.Errorf("message %q of %q was altered", m[1], m[0])
	}
	n, err = strconv.Atoi(string(m[1]))
	return string(m[0]), n, err
}

// order checks that the numbers of one sender grow.
type order struct{ last map[string]int }

func newOrder() order { return order{map[string]int{}} }

func (o order) check(m frames.Message) error {
	sender, n, err := read(m)
	if err != nil {
		return err
	}
	if last := o.last[sender]; n <= last {
		return fmt.Errorf("message %d of %s came after %d", n, sender, last)
	}
	o.last[sender] = n
	return nil
}
