//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSummaryPartsAddUp: whatever peers are there, take, leave or never come, each message that a
// filter wrote is one of sent, returned, dropped, lost, unroutable and unsent.
func TestSummaryPartsAddUp(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			at := ownEndpoint(t)
			frames := map[string]string{
				"p": `["x"]`, "d": `["x"]`, "r": `["nobody","x"]`, "q": `["x"]`, "b": `["x"]`,
			}
			sockets := []string{
				fmt.Sprintf("p=push -b %s-p --hwm %d", at, 1+r.IntN(50)),
				fmt.Sprintf("d=dealer -c %s-d --hwm %d", at, 1+r.IntN(50)),
				"r=router -b " + at + "-r" + []string{"", " --drop-unroutable"}[r.IntN(2)],
				fmt.Sprintf("q=req -c %s-q -t 0.02 --retries %d", at, r.IntN(2)),
				"b=rep -b " + at + "-b",
			}
			var orders strings.Builder
			names, total := "pdrqb"[:2+r.IntN(4)], 20+r.IntN(400)
			for range total {
				name := string(names[r.IntN(len(names))])
				if name == "q" && r.IntN(20) > 0 { // each waits
					name = "p"
				}
				fmt.Fprintf(&orders, "{\"to\":%q,\"frames\":%s}\n", name, frames[name])
			}
			file := filepath.Join(t.TempDir(), "orders")
			if err := os.WriteFile(file, []byte(orders.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, peer := range [][]string{
				{"pull", "-c", at + "-p", "-n", fmt.Sprint(1 + r.IntN(200)), "-q"},
				{"pull", "-c", at + "-p", "-q"},
				{"router", "-b", at + "-d", "-n", fmt.Sprint(1 + r.IntN(200)), "-q"},
				{"rep", "-b", at + "-q", "--echo", "-q"},
				{"router", "-b", at + "-q", "-q"}, // which never replies
			} {
				if r.IntN(3) == 0 {
					cmd := exec.CommandContext(t.Context(), "zcat", peer...) // ended with the test
					if err := cmd.Start(); err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = cmd.Wait() })
				}
			}
			args := append([]string{"hub", "--summary", "-q", "-l", fmt.Sprintf("%dms", r.IntN(300)), "--filter", "cat " + file}, sockets...)
			if r.IntN(3) == 0 {
				args = append(args, "-n", fmt.Sprint(1+r.IntN(total)))
			}
			var errs bytes.Buffer
			cmd := exec.CommandContext(t.Context(), "zcat", args...)
			cmd.Stderr = &errs
			_ = cmd.Run() // its status may be any
			var got struct {
				Summary struct{ Written, Sent, Returned, Dropped, Lost, Unroutable, Unsent int }
			}
			lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
				t.Fatalf("%v: %s", err, &errs)
			}
			sum := got.Summary
			if parts := sum.Sent + sum.Returned + sum.Dropped + sum.Lost + sum.Unroutable + sum.Unsent; parts != sum.Written || sum.Written == 0 {
				t.Errorf("%d written, %d counted: %+v\n%q\n%s", sum.Written, parts, sum, args, &errs)
			}
		})
	}
}
