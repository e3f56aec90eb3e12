package box

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/crypto/nacl/secretbox"
)

const prefix = "CurveZMQMESSAGEC"

// theirs returns a box that x/crypto made.
func theirs(shared *[32]byte, nonce uint64, head byte, body []byte) []byte {
	var n [24]byte
	copy(n[:], prefix)
	binary.BigEndian.PutUint64(n[16:], nonce)
	return secretbox.Seal(nil, append([]byte{head}, body...), &n, shared)
}

// agree seals and opens the same boxes as x/crypto, in one run, which is what is judged.
func agree(t *testing.T, path kernel, shared *[32]byte, nonces []uint64, bodies [][]byte) {
	t.Helper()
	key := NewKey(shared, prefix)
	key.kernel = path
	var sealing, opening Run
	for i, body := range bodies {
		head := byte(i)
		want := theirs(shared, nonces[i], head, body)
		before := []byte("before")
		got := key.Seal(&sealing, append(make([]byte, 0, len(before)+len(want)), before...), nonces[i], head, body)
		if !bytes.Equal(got, append(before, want...)) {
			t.Fatalf("%s: box %d of %d bytes with nonce %d is another than x/crypto's", path, i, len(body), nonces[i])
		}
		clear := append(make([]byte, 0, len(before)+1+len(body)), before...)
		opened, ok := key.Open(&opening, clear, nonces[i], want)
		if !ok || !bytes.Equal(opened, append(append(before, head), body...)) {
			t.Fatalf("%s: box %d of %d bytes with nonce %d opens as %v %x", path, i, len(body), nonces[i], ok, opened)
		}
	}
}

// TestAgreesAtEverySize: one box, and three of the same size in one run.
func TestAgreesAtEverySize(t *testing.T) {
	random := rand.NewChaCha8([32]byte{20})
	var shared [32]byte
	_, _ = random.Read(shared[:])
	for _, path := range kernels() {
		for size := range 1300 {
			bodies := make([][]byte, 3)
			nonces := make([]uint64, len(bodies))
			for i := range bodies {
				bodies[i] = make([]byte, size)
				_, _ = random.Read(bodies[i])
				nonces[i] = uint64(size) + uint64(i)
			}
			agree(t, path, &shared, nonces, bodies)
		}
	}
}

// TestAgreesInAnyOrder: the nonces need not follow each other, nor the sizes be alike.
func TestAgreesInAnyOrder(t *testing.T) {
	source := rand.NewChaCha8([32]byte{21})
	random := rand.New(source) //nolint:gosec // a test that can be repeated
	for _, path := range kernels() {
		for range 200 {
			var shared [32]byte
			_, _ = source.Read(shared[:])
			nonce, most := random.Uint64(), 1<<random.IntN(13)
			var nonces []uint64
			var bodies [][]byte
			for range 12 {
				switch random.IntN(4) {
				case 0:
					nonce += random.Uint64N(3)
				case 1:
					nonce = random.Uint64()
				default:
					nonce++
				}
				body := make([]byte, random.IntN(most))
				_, _ = source.Read(body)
				nonces, bodies = append(nonces, nonce), append(bodies, body)
			}
			agree(t, path, &shared, nonces, bodies)
		}
	}
}

// TestBlocksPastWords: a counter or a nonce that does not fit into a word goes on in the next.
func TestBlocksPastWords(t *testing.T) {
	key := NewKey(new([32]byte), prefix)
	for _, path := range kernels()[1:] {
		key.kernel = path
		for _, at := range []uint64{1<<32 - 3, 1<<64 - 3} {
			r := Run{nonce: at, counter: at, each: at + 100}
			r.fill(key)
			want := make([]byte, blockSize)
			for i := range atOnce {
				key.plain(want, at, at+uint64(i))
				if !bytes.Equal(r.stream[blockSize*i:][:blockSize], want) {
					t.Errorf("%s: the block with the counter %d is wrong", path, at+uint64(i))
				}
			}
		}
	}
}

// TestAlteredBoxStaysClosed: one bit anywhere, another nonce, or a box that is too short.
func TestAlteredBoxStaysClosed(t *testing.T) {
	shared := &[32]byte{1}
	for _, path := range kernels() {
		key := NewKey(shared, prefix)
		key.kernel = path
		sealed := theirs(shared, 7, 1, []byte("a body that takes more than one block, with all that is around it"))
		room := make([]byte, 0, len(sealed))
		for bit := range 8 * len(sealed) {
			altered := bytes.Clone(sealed)
			altered[bit/8] ^= 1 << (bit % 8)
			if got, ok := key.Open(new(Run), room, 7, altered); ok || len(got) > 0 {
				t.Errorf("%s: a box opens in which bit %d is another", path, bit)
			}
		}
		for size := range sealed {
			if _, ok := key.Open(new(Run), room, 7, sealed[:size]); ok {
				t.Errorf("%s: the first %d bytes of a box open", path, size)
			}
		}
		if _, ok := key.Open(new(Run), room, 8, sealed); ok {
			t.Errorf("%s: a box opens with another nonce", path)
		}
		if _, ok := key.Open(new(Run), room, 7, sealed); !ok {
			t.Errorf("%s: the box itself does not open", path)
		}
	}
}

// TestWipe: nothing is left of a key, nor of the keystream that was made in advance.
func TestWipe(t *testing.T) {
	var r Run
	key := NewKey(&[32]byte{1}, prefix)
	key.Seal(&r, make([]byte, 0, 100), 1, 0, []byte("body"))
	if r == (Run{}) {
		t.Fatal("a run has no keystream")
	}
	r.Wipe()
	key.Wipe()
	if r != (Run{}) || *key != (Key{}) {
		t.Errorf("Wipe leaves %v, %v", r, *key)
	}
}

// TestNothingIsAllocated: a run lives on the stack.
func TestNothingIsAllocated(t *testing.T) {
	key := NewKey(&[32]byte{1}, prefix)
	body, sealed, opened := make([]byte, 1000), make([]byte, 0, 2000), make([]byte, 0, 2000)
	allocated := testing.AllocsPerRun(100, func() {
		var r Run
		sealed = key.Seal(&r, sealed[:0], 1, 0, body)
		opened, _ = key.Open(&r, opened[:0], 1, sealed)
	})
	if allocated > 0 {
		t.Errorf("a box takes %v allocations", allocated)
	}
}

// FuzzBoxes: a run of boxes is the same as x/crypto's, whatever their sizes and nonces.
func FuzzBoxes(f *testing.F) {
	f.Add([]byte("key"), []byte{0, 1, 100, 1, 200, 0, 31, 1, 32}, uint64(1))
	f.Add([]byte{}, []byte{255, 255, 255, 255, 255, 255}, uint64(1<<64-1))
	f.Fuzz(func(t *testing.T, secret, plan []byte, nonce uint64) {
		var shared [32]byte
		copy(shared[:], secret)
		var nonces []uint64
		var bodies [][]byte
		for i := 0; i+1 < len(plan) && i < 40; i += 2 {
			size := int(plan[i]) * int(1+plan[i+1]>>4)
			bodies = append(bodies, bytes.Repeat(plan[i:i+2], size)[:size])
			nonces = append(nonces, nonce)
			nonce += uint64(plan[i+1] & 3)
		}
		for _, path := range kernels() {
			agree(t, path, &shared, nonces, bodies)
		}
	})
}

// BenchmarkSeal shows what each kernel buys, against the plain path and x/crypto's own box.
func BenchmarkSeal(b *testing.B) {
	for _, size := range []int{16, 100, 1 << 10, 64 << 10} {
		body, out := make([]byte, size), make([]byte, 0, size+1+Overhead)
		for _, path := range kernels() {
			key := NewKey(new([32]byte), prefix)
			key.kernel = path
			b.Run(fmt.Sprintf("%d/%s", size, path), func(b *testing.B) {
				b.SetBytes(int64(size))
				var r Run
				var nonce uint64
				for b.Loop() {
					nonce++
					key.Seal(&r, out, nonce, 0, body)
				}
			})
		}
		b.Run(fmt.Sprintf("%d/secretbox", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				secretbox.Seal(out, body, new([24]byte), new([32]byte))
			}
		})
	}
}
