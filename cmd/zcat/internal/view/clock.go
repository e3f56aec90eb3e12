package view

import "time"

// clock writes times of the day, with milliseconds: most of one like that of the second
// before, which takes a tenth off a message (BenchmarkShow).
type clock struct {
	second int64
	zone   *time.Location
	text   []byte // of the second
	last   string
	milli  int
}

func (c *clock) of(t time.Time) string {
	const form, digits = "15:04:05.000", 3
	second, milli := t.Unix(), t.Nanosecond()/int(time.Millisecond)
	same := c.text != nil && second == c.second && t.Location() == c.zone
	if same && milli == c.milli {
		return c.last
	}
	if !same {
		c.second, c.zone, c.text = second, t.Location(), t.AppendFormat(c.text[:0], form)
	}
	c.milli = milli
	for at := len(c.text) - 1; at >= len(c.text)-digits; at-- {
		c.text[at] = '0' + byte(milli%10)
		milli /= 10
	}
	c.last = string(c.text)
	return c.last
}
