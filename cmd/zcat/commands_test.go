package main

import (
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// A command is found under the name that it has.
func TestCatalogue(t *testing.T) {
	all := commands("zcat")
	names := all.Names()
	for i, w := range all.List() {
		if w.Name != names[i] || w.Program != "zcat" || w.All != all {
			t.Errorf("%s is the command %s of %s", names[i], w.Name, w.Program)
		}
	}
}

// What the system leaves lowers the default for the memory that peers may take, and not
// what somebody asked for.
func TestKeepWithin(t *testing.T) {
	for _, c := range []struct {
		args   []string
		memory int64
		want   int
	}{
		{nil, 0, 512 << 20},
		{nil, 1 << 20, 256 << 10},
		{[]string{"--max-memory", "512M"}, 1 << 20, 512 << 20},
	} {
		w, _ := commands("zcat").Find("pull")
		written, err := line.Normalise(w, append([]string{"-b", "tcp://127.0.0.1:*"}, c.args...))
		if err != nil {
			t.Fatal(err)
		}
		nothing := func(string) (string, bool) { return "", false }
		got, err := line.Configure(w, written, nothing, func(*line.Config) {}, func(made *line.Config) {
			made.KeepWithin(c.memory)
			made.Settle(false, false)
		})
		if err != nil || got.Options.MaxMemory != c.want {
			t.Errorf("%q within %d: %d, %v, want %d", c.args, c.memory, got.Options.MaxMemory, err, c.want)
		}
	}
}
