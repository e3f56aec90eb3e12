package bench

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A table has a line for each result. On a terminal that is too narrow for it, what stands
// behind MB/s follows on lines of its own, with its names, and only where there is any.

const (
	foldedWidth = 78  // columns up to MB/s
	wholeWidth  = 149 // and up to the end of a usual endpoint
	foldedIn    = "  "
)

// Header is the first line of a table, for a terminal of so many columns; 0 is no limit.
func Header(columns int) string {
	line := fmt.Sprintf("%-15s  %-10s  %9s  %12s  %12s  %10s", "sockets", "measure", "bytes", "messages", "messages/s", "MB/s")
	switch {
	case columns == 0 || columns >= wholeWidth:
		for _, p := range percentiles() {
			line += fmt.Sprintf("  %8s", percentileName(p)+" us")
		}
		return line + "  endpoint\n"
	case columns >= foldedWidth:
		return line + "\n"
	default:
		return "" // each figure has its name
	}
}

// Row is a line of the table, or the lines that it is folded to.
func (r Result) Row(columns int) string {
	switch {
	case columns == 0:
		return r.figures() + "  " + r.Endpoint + "\n"
	case columns >= wholeWidth && len(r.figures()) <= columns:
		return wrapped([]string{r.figures(), r.Endpoint}, columns)
	case columns >= foldedWidth && len(r.front()) <= columns:
		return r.front() + "\n" + foldedIn + wrapped(r.behind(), columns-len(foldedIn))
	default:
		return wrapped(append([]string{
			r.Pair.String(), r.Measure.String(), fmt.Sprintf("%d bytes", r.Size), fmt.Sprintf("%d messages", r.Messages),
			fmt.Sprintf("%.0f messages/s", r.Rate()), fmt.Sprintf("%.3f MB/s", r.MBs()),
		}, r.behind()...), columns)
	}
}

func (r Result) front() string {
	return fmt.Sprintf("%-15s  %-10s  %9d  %12d  %12.0f  %10.3f", r.Pair, r.Measure, r.Size, r.Messages, r.Rate(), r.MBs())
}

// figures are the columns of the whole table but for the endpoint.
func (r Result) figures() string {
	line := r.front()
	for _, p := range percentiles() {
		cell := "-"
		if r.latency != nil {
			cell = strconv.FormatFloat(r.at(p), 'f', 1, 64)
		}
		line += fmt.Sprintf("  %8s", cell)
	}
	return line
}

// behind is what stands behind MB/s, with names.
func (r Result) behind() (parts []string) {
	if r.latency != nil {
		for _, p := range percentiles() {
			parts = append(parts, fmt.Sprintf("%s %.1f us", percentileName(p), r.at(p)))
		}
	}
	return append(parts, r.Endpoint)
}

// wrapped writes parts, as many a line as there is room for; an endpoint that is longer
// than a line is left to the terminal.
func wrapped(parts []string, columns int) string {
	var b strings.Builder
	wide := 0
	for i, part := range parts {
		n := utf8.RuneCountInString(part)
		switch {
		case i == 0:
		case wide+2+n > columns:
			b.WriteString("\n" + foldedIn)
			wide = len(foldedIn)
		default:
			b.WriteString("  ")
			wide += 2
		}
		b.WriteString(part)
		wide += n
	}
	return b.String() + "\n"
}
