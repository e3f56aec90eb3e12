package frames

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// hexPrefix marks bytes that are written in hex where text is the rule: routing ids
// and prefixes on a command line and in messages for people.
const hexPrefix = "hex:"

// ParseBytes reads bytes as people write them: text stands for its UTF-8 bytes,
// hex:00ff for the bytes that its digits name, in either case.
func ParseBytes(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, hexPrefix)
	if !ok {
		return []byte(text), nil
	}
	b := make([]byte, len(digits)/2)
	if at, bad := decodeHex(b, []byte(digits)); bad != "" {
		return nil, &LineError{Column: len(hexPrefix) + at + 1, Reason: bad}
	}
	return b, nil
}

// FormatBytes writes bytes so that people can read them and a terminal takes no
// harm: as text where every character is printable, else as hex:00ff.
// ParseBytes reads either back.
func FormatBytes(b []byte) string {
	text := string(b)
	if !printable(text) || strings.HasPrefix(text, hexPrefix) {
		return hexPrefix + hex.EncodeToString(b)
	}
	return text
}

func printable(text string) bool {
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}
