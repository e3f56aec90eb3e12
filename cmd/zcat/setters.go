package main

import (
	"fmt"
	"strings"
	"time"
)

// The setters that several flags share.

func toClaim(at func(*config) *bool) func(*config, string) error {
	return func(c *config, text string) (err error) {
		*at(c), err = parseBool(text)
		return err
	}
}

func toText(at func(*config) *string) func(*config, string) error {
	return func(c *config, text string) error {
		if text == "" {
			return fmt.Errorf("the value is empty")
		}
		*at(c) = text
		return nil
	}
}

func toTime(least time.Duration, at func(*config) *time.Duration) func(*config, string) error {
	return func(c *config, text string) error {
		d, err := parseDuration(text)
		if err == nil && d < least {
			err = fmt.Errorf("%q is too short: expected more than 0", text)
		}
		if err == nil {
			*at(c) = d
		}
		return err
	}
}

func toSize(at ...func(*config) *int) func(*config, string) error {
	return func(c *config, text string) error {
		n, err := parseSize(text)
		for _, a := range at {
			if err == nil {
				*a(c) = n
			}
		}
		return err
	}
}

func toCount(least int, at ...func(*config) *int) func(*config, string) error {
	return func(c *config, text string) error {
		n, err := parseCount(text, least)
		for _, a := range at {
			if err == nil {
				*a(c) = n
			}
		}
		return err
	}
}

// unescape reads a separator: as it stands, but that \n \r \t \0 \\ and \xNN
// mean what they mean in C. A backslash alone is a backslash.
func unescape(text string) ([]byte, error) {
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
