package flags

import (
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// The setters that several flags share.

// ToBool stores a boolean.
func ToBool(at func(*line.Config) *bool) func(*line.Config, string) error {
	return func(c *line.Config, text string) (err error) {
		*at(c), err = units.ParseBool(text)
		return err
	}
}

// ToText stores a text that is not empty.
func ToText(at func(*line.Config) *string) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		if text == "" {
			return fmt.Errorf("the value is empty")
		}
		*at(c) = text
		return nil
	}
}

// ToTime stores a time of at least least.
func ToTime(least time.Duration, at func(*line.Config) *time.Duration) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		d, err := units.ParseDuration(text)
		if err == nil && d < least {
			err = fmt.Errorf("%q is too short: expected more than 0", text)
		}
		if err == nil {
			*at(c) = d
		}
		return err
	}
}

func toSize(at ...func(*line.Config) *int) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		n, err := units.ParseSize(text)
		for _, a := range at {
			if err == nil {
				*a(c) = n
			}
		}
		return err
	}
}

// ToCount stores a whole number of at least least, in one place or in several.
func ToCount(least int, at ...func(*line.Config) *int) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		n, err := units.ParseCount(text, least)
		for _, a := range at {
			if err == nil {
				*a(c) = n
			}
		}
		return err
	}
}
