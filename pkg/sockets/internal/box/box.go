// Package box makes and opens the boxes of NaCl, XSalsa20 and Poly1305, for what a
// connection sends in one direction: all have the same key, and their nonces are a fixed
// text of 16 bytes and a counter. So HSalsa20 is needed once a connection and not for each
// box, and where the processor has AVX2 eight blocks of keystream are made at once, those
// of the next boxes among them.
package box

import (
	"crypto/subtle"
	"encoding/binary"

	"golang.org/x/crypto/poly1305"      //nolint:staticcheck // RFC 26 wants it as NaCl's box has it
	"golang.org/x/crypto/salsa20/salsa" //nolint:staticcheck // as above
)

// Overhead is the number of bytes by which a box is longer than what is in it.
const Overhead = poly1305.TagSize

const (
	blockSize  = 64
	tagKeySize = 32 // the start of a box's keystream, which encrypts nothing
)

// Key makes and opens the boxes of one direction.
type Key struct {
	words  [16]uint32 // what Salsa20's blocks begin with, but for the nonce and the counter
	kernel kernel
}

// NewKey derives the key from the one that two sides share, for nonces that begin with
// the 16 bytes of prefix.
func NewKey(shared *[32]byte, prefix string) *Key {
	var sub [32]byte
	var nonce [16]byte
	copy(nonce[:], prefix)
	salsa.HSalsa20(&sub, &nonce, shared, &salsa.Sigma)
	defer clear(sub[:])
	k := &Key{kernel: fastest()}
	for i := range 4 {
		k.words[5*i] = binary.LittleEndian.Uint32(salsa.Sigma[4*i:])
		k.words[1+i] = binary.LittleEndian.Uint32(sub[4*i:])
		k.words[11+i] = binary.LittleEndian.Uint32(sub[16+4*i:])
	}
	return k
}

// Wipe overwrites the key.
func (k *Key) Wipe() { *k = Key{} }

// Seal appends a box to dst, which has room for it. head and body are what is in it.
func (k *Key) Seal(r *Run, dst []byte, nonce uint64, head byte, body []byte) []byte {
	start := len(dst)
	dst = dst[:start+Overhead+1+len(body)]
	sealed := dst[start+Overhead:]
	r.start(nonce, len(sealed))
	stream := r.next(k)
	tagKey := [tagKeySize]byte(stream)
	sealed[0] = head ^ stream[tagKeySize]
	done := subtle.XORBytes(sealed[1:], body, stream[tagKeySize+1:])
	for done < len(body) {
		done += subtle.XORBytes(sealed[1+done:], body[done:], r.next(k))
	}
	poly1305.Sum((*[Overhead]byte)(dst[start:]), sealed, &tagKey)
	return dst
}

// Open appends to dst, which has room for it, what is in a box, at least a byte. It
// returns false where the box was not made with this key and this nonce.
func (k *Key) Open(r *Run, dst []byte, nonce uint64, box []byte) ([]byte, bool) {
	start, size := len(dst), len(box)-Overhead
	if size <= 0 {
		return dst, false
	}
	sealed := box[Overhead:]
	r.start(nonce, size)
	stream := r.next(k)
	tagKey := [tagKeySize]byte(stream)
	if !poly1305.Verify((*[Overhead]byte)(box), sealed, &tagKey) {
		return dst, false
	}
	dst = dst[:start+size]
	opened := dst[start:]
	done := subtle.XORBytes(opened, sealed, stream[tagKeySize:])
	for done < size {
		done += subtle.XORBytes(opened[done:], sealed[done:], r.next(k))
	}
	return dst, true
}
