package frames
import ("testing";"bytes";"math/bits")
func scan2(src []byte, at int) (end int, ascii bool) {
	var seen uint64
	for {
		b := src[at:at+16]
		x, y := loadWord(b, 0), loadWord(b, 8)
		m, k := special(x), special(y)
		if m|k != 0 {
			if m != 0 {
			seen |= x & (m&-m - 1)
			return at + bits.TrailingZeros64(m)/wordLen, seen&highBits == 0
			}
			seen |= x|(y & (k&-k - 1))
			return at + 8+ bits.TrailingZeros64(k)/wordLen, seen&highBits == 0
		}
		seen |= x|y
		at += 16
	}
}
func scan3(src []byte, at int) (end int, ascii bool) {
	for {
		b := src[at:at+16]
		x, y := loadWord(b, 0), loadWord(b, 8)
		const lo2, n21, bs = lowBits*2, lowBits*0x21, lowBits*'\\'
		m := ((x ^ lo2) - n21) | ((x ^ bs) - lowBits) | x
		k := ((y ^ lo2) - n21) | ((y ^ bs) - lowBits) | y
		if (m|k)&highBits != 0 { break }
		at += 16
	}
	return scanString(src, at)
}
var sinkI int
func BenchmarkZScan(b *testing.B){
	for _, n := range []int{5,20,68,500} {
	s := append(bytes.Repeat([]byte{'a'}, n), "\"                      "...)
	nn := string(rune('0'+n/100))+string(rune('0'+n/10%10))+string(rune('0'+n%10))
	b.Run("one"+nn, func(b *testing.B){ for range b.N { e,_ := scanString(s,0); sinkI+=e }})
	b.Run("two"+nn, func(b *testing.B){ for range b.N { e,_ := scan2(s,0); sinkI+=e }})
	b.Run("tri"+nn, func(b *testing.B){ for range b.N { e,_ := scan3(s,0); sinkI+=e }})
	b.Run("idx"+nn, func(b *testing.B){ for range b.N { e := bytes.IndexByte(s,'"'); sinkI+=e }})
	}
}
