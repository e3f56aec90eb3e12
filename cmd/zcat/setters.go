package main

import (
	"fmt"
	"time"
)

// The setters that several flags share.

func toBool(at func(*config) *bool) func(*config, string) error {
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
