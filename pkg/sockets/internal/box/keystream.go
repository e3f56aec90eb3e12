package box

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/salsa20/salsa" //nolint:staticcheck // RFC 26 wants it as NaCl's box has it
)

// atOnce is the number of blocks that a kernel makes.
const atOnce = 8

// lanes is what differs between the blocks that are made at once: words 6 and 7 of each,
// its nonce, and words 8 and 9, its counter.
type lanes [4][atOnce]uint32

// kernel is a way to make eight blocks at once. A function value would have its arguments
// live on the heap.
type kernel byte

const (
	none kernel = iota
	avx2
	avx512
)

func (k kernel) String() string { return [...]string{"plain", "AVX2", "AVX-512"}[k] }

// Run makes the keystream of boxes whose nonces are likely to follow each other. Its zero
// value is ready; Wipe overwrites what was made in advance. It is meant to live on a stack,
// not with each of ten thousand connections.
type Run struct {
	stream [atOnce * blockSize]byte
	// The first of the blocks from at to end has this counter, and belongs to the box with
	// this nonce. What is made in advance is as long for each box.
	nonce, counter, each uint64
	at, end              int

	wanted, blocks, taken uint64 // the box under way: its nonce, all its blocks, those taken
}

// Wipe overwrites the keystream.
func (r *Run) Wipe() { *r = Run{} }

// start begins with the keystream of a box that has size bytes in it.
func (r *Run) start(nonce uint64, size int) {
	r.wanted, r.blocks, r.taken = nonce, (tagKeySize+uint64(size)+blockSize-1)/blockSize, 0
}

// next returns more of the box's keystream, as much as there is in one piece.
func (r *Run) next(k *Key) []byte {
	if r.at == r.end || r.nonce != r.wanted || r.counter != r.taken || r.each < r.blocks {
		r.nonce, r.counter, r.each, r.at = r.wanted, r.taken, r.blocks, 0
		r.fill(k)
	}
	n := int(min(uint64(r.end-r.at), r.blocks-r.taken)) //nolint:gosec // at most eight
	stream := r.stream[blockSize*r.at : blockSize*(r.at+n)]
	r.at += n
	r.taken += uint64(n)
	if r.counter = r.taken; r.counter == r.each {
		r.nonce, r.counter = r.nonce+1, 0
	}
	return stream
}

// fill makes blocks for the box under way, and then for those with the next nonces.
func (r *Run) fill(k *Key) {
	if k.kernel == none {
		r.end = int(min(atOnce, r.blocks-r.taken)) //nolint:gosec // at most eight
		k.plain(r.stream[:blockSize*r.end], r.nonce, r.counter)
		return
	}
	var l lanes
	nonce, counter := r.nonce, r.counter
	for i := range atOnce {
		l[0][i], l[1][i] = bits.ReverseBytes32(uint32(nonce>>32)), bits.ReverseBytes32(uint32(nonce))
		l[2][i], l[3][i] = uint32(counter), uint32(counter>>32)
		if counter++; counter == r.each {
			nonce, counter = nonce+1, 0
		}
	}
	r.end = atOnce
	k.kernel.blocks(&r.stream, &k.words, &l)
}

// plain makes the keystream of one box, without a kernel.
func (k *Key) plain(out []byte, nonce, counter uint64) {
	var key [32]byte
	for i := range 4 {
		binary.LittleEndian.PutUint32(key[4*i:], k.words[1+i])
		binary.LittleEndian.PutUint32(key[16+4*i:], k.words[11+i])
	}
	var in [16]byte
	binary.BigEndian.PutUint64(in[:], nonce)
	binary.LittleEndian.PutUint64(in[8:], counter)
	clear(out)
	salsa.XORKeyStream(out, out, &in, &key)
}
