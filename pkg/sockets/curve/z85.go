package curve

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// alphabet holds the digits of Z85 by their values (RFC 32).
const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

// AppendZ85 appends b in Z85: 5 characters for 4 bytes. It appends nothing where
// len(b) is no multiple of 4, for which Z85 has no form.
func AppendZ85(dst, b []byte) []byte {
	if len(b)%4 != 0 {
		return dst
	}
	for ; len(b) > 0; b = b[4:] {
		var group [5]byte
		value := binary.BigEndian.Uint32(b)
		for i := len(group) - 1; i >= 0; i-- {
			group[i] = alphabet[value%85]
			value /= 85
		}
		dst = append(dst, group[:]...)
	}
	return dst
}

// ParseZ85 is the reverse of AppendZ85. Its errors do not quote the text, which may
// be a secret.
func ParseZ85(text string) ([]byte, error) {
	if len(text)%5 != 0 {
		return nil, fmt.Errorf("%d characters: Z85 has a multiple of 5", len(text))
	}
	b := make([]byte, 0, len(text)/5*4)
	for at := 0; at < len(text); at += 5 {
		value := uint64(0)
		for i := range 5 {
			digit := strings.IndexByte(alphabet, text[at+i])
			if digit < 0 {
				return nil, fmt.Errorf("character %d is not one of Z85", at+i+1)
			}
			value = value*85 + uint64(digit)
		}
		if value > math.MaxUint32 {
			return nil, fmt.Errorf("characters %d to %d stand for more than 32 bits", at+1, at+5)
		}
		b = binary.BigEndian.AppendUint32(b, uint32(value))
	}
	return b, nil
}
