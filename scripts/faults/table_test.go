//go:build linux

package faults

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
)

// row is a line of the table of faults.
type row struct {
	order    int
	fault    string
	between  string
	promise  string
	measured string // what else was measured

	connections int // that a receiver had to one sender, one after the other; 0 is 1

	sent, received, lost, most     int
	duplicated, reordered, altered int
}

// figure is a line of the table of scale.
type figure struct {
	order    int
	load     string
	measured string
}

// bound is a line of the table of what gave out first as a load was raised.
type bound struct {
	order     int
	load, ran string
	beyond    string // what was refused beyond that, and by whom
	why       string
}

var (
	notes   sync.Mutex
	rows    []row
	figures []figure
	bounds  []bound
)

func note(r row) {
	notes.Lock()
	defer notes.Unlock()
	rows = append(rows, r)
}

func noteFigure(f figure) {
	notes.Lock()
	defer notes.Unlock()
	figures = append(figures, f)
}

func noteBound(b bound) {
	notes.Lock()
	defer notes.Unlock()
	bounds = append(bounds, b)
}

const tableHead = `# What faults do to messages

Made by ` + "`make faults`" + `; the numbers are those of one run on one machine. Every message is numbered and checked byte for
byte. *May lose* is the bound that the test holds the loss to: what was in flight, which is to say in the two kernels'
buffers, and in the memory of a process that was killed. Nothing may ever be duplicated or altered. From one sender to
one receiver the order stays, for each connection: a receiver takes by turns from all connections that are not yet empty,
so that messages of an old one may come between those of a new one (*reordered*).

| fault | between | what ZeroMQ promises | sent | lost | may lose | duplicated | reordered | altered | measured |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |
`

const scaleHead = `
# How it scales

| load | measured |
| --- | --- |
`

const boundHead = `
# What ends first

As each load is raised; *ran* is the largest that this run tried, under the defaults unless a flag is named.

| load | ran | beyond it | why |
| --- | --- | --- | --- |
`

// writeTable writes all that was noted.
func writeTable(name string) error {
	notes.Lock()
	defer notes.Unlock()
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].order < rows[j].order })
	sort.SliceStable(figures, func(i, j int) bool { return figures[i].order < figures[j].order })
	var text strings.Builder
	text.WriteString(tableHead)
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %d | %d | %d | %d | %d | %d | %s |\n", r.fault, r.between, r.promise,
			r.sent, r.lost, r.most, r.duplicated, r.reordered, r.altered, r.measured)
	}
	if len(figures) > 0 {
		text.WriteString(scaleHead)
		for _, f := range figures {
			fmt.Fprintf(&text, "| %s | %s |\n", f.load, f.measured)
		}
	}
	if len(bounds) > 0 {
		sort.SliceStable(bounds, func(i, j int) bool { return bounds[i].order < bounds[j].order })
		text.WriteString(boundHead)
		for _, b := range bounds {
			fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", b.load, b.ran, b.beyond, b.why)
		}
	}
	return os.WriteFile(name, []byte(text.String()), 0o644)
}
