// Package units reads the values of flags: times, sizes, numbers, and text with escapes.
package units

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a time as the flags take it: "5" is seconds, a fraction
// is allowed, and Go's units may be named: "500ms", "2m", "1h30m".
func ParseDuration(text string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a time: expected seconds (5), or a number with its unit (500ms, 2m)", text)
	if isDecimal(text) {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || seconds > math.MaxInt64/float64(time.Second)/2 {
			return 0, bad
		}
		return time.Duration(seconds * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, bad
	}
	return d, nil
}

// isDecimal reports whether text consists of digits with at most one point.
func isDecimal(text string) bool {
	digits, points := 0, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

// ParseSize reads a number of bytes: "65536", "64K", "64M", "1G", where K is
// 1024. A B may follow the letter.
func ParseSize(text string) (int, error) {
	bad := fmt.Errorf("%q is not a size: expected bytes (65536), or a number with K, M or G (64M)", text)
	digits, shift := strings.ToUpper(text), 0
	if s, ok := strings.CutSuffix(digits, "B"); ok {
		digits = s
	}
	for letter, bits := range map[string]int{"K": 10, "M": 20, "G": 30} {
		if s, ok := strings.CutSuffix(digits, letter); ok {
			digits, shift = s, bits
			break
		}
	}
	n, err := strconv.ParseUint(digits, 10, strconv.IntSize-1)
	if err != nil || n > math.MaxInt>>shift {
		return 0, bad
	}
	return int(n) << shift, nil
}

// ParseCount reads a whole number of at least least.
func ParseCount(text string, least int) (int, error) {
	n, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(text, "-") {
		return 0, fmt.Errorf("%q is too large a number", text)
	}
	if err != nil || n < least || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("%q is not a whole number of at least %d", text, least)
	}
	return n, nil
}

// ParseBool reads the value of a boolean flag.
func ParseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is none of 1, 0, true and false", text)
}

// Unescape reads a separator: as it stands, except that \n \r \t \0 \\ and \xNN
// mean what they mean in C. A backslash alone is a backslash.
func Unescape(text string) ([]byte, error) {
	out := []byte{}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || len(text) == 1 {
			out = append(out, text[i])
			continue
		}
		i++
		at := -1
		if i < len(text) {
			at = strings.IndexByte(`nrt0\`, text[i])
		}
		switch {
		case at >= 0:
			out = append(out, "\n\r\t\x00\\"[at])
		case i+2 < len(text) && text[i] == 'x' && isHex(text[i+1]) && isHex(text[i+2]):
			out = append(out, hexDigit(text[i+1])<<4|hexDigit(text[i+2]))
			i += 2
		default:
			return nil, fmt.Errorf(`%q has a backslash that is none of \n \r \t \0 \\ \xNN`, text)
		}
	}
	return out, nil
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func hexDigit(c byte) byte {
	at := strings.IndexByte("0123456789abcdef", c|0x20)
	return byte(at)
}
