//go:build linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadme runs each block of commands in README.md and compares what it
// prints with what the README says.
func TestReadme(t *testing.T) { runPage(t, "../../README.md") }

// A newcomer reads all of README.md, and the topics for the rest.
func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 200 {
		t.Errorf("README.md has %d lines", lines)
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range regexp.MustCompile("(?m)(?:^ {4}|`)make\\s([a-z-]+)").FindAllSubmatch(text, -1) {
		if !regexp.MustCompile(`(?m)^` + string(target[1]) + `:`).Match(makefile) {
			t.Errorf("README.md names make %s, and there is none", target[1])
		}
	}
}

func runPage(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	zcat, err := exec.LookPath("zcat")
	if err != nil {
		t.Fatal(err)
	}
	blocks := examples(string(text))
	if len(blocks) == 0 {
		t.Fatal("no block of commands")
	}
	for i, block := range blocks {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			runReadmeBlock(t, block, filepath.Dir(zcat))
		})
	}
}

// examples returns the blocks of commands on a page with what they print: in
// Markdown those marked so, in plain text those that are indented by four and begin
// with a prompt.
func examples(text string) []string {
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block[1])
	}
	for _, block := range regexp.MustCompile(`(?m)^    \$ .*\n(?:    .*\n)*`).FindAllString(text, -1) {
		blocks = append(blocks, regexp.MustCompile(`(?m)^    `).ReplaceAllString(block, ""))
	}
	return blocks
}

// onFreePorts puts a free port in the place of each one in text.
func onFreePorts(text string) string {
	free := map[string]string{}
	for _, port := range regexp.MustCompile(`:(\d{4,5})\b`).FindAllStringSubmatch(text, -1) {
		if free[port[1]] == "" {
			free[port[1]] = freePort()
		}
	}
	return regexp.MustCompile(`\b\d{4,5}\b`).ReplaceAllStringFunc(text, func(number string) string {
		return cmp.Or(free[number], number)
	})
}

// blockDone is a line behind what a block prints.
const blockDone = "block-done"

func runReadmeBlock(t *testing.T, block, bin string) {
	t.Helper()
	var script, want strings.Builder
	for line := range strings.Lines(block) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			command, ok = strings.CutPrefix(line, "> ") // of a here-document
		}
		if ok {
			script.WriteString(command)
		} else {
			want.WriteString(line)
		}
	}
	// A socket name that two blocks share at the same time would join them.
	commands := onFreePorts(regexp.MustCompile(`@(\w+)`).ReplaceAllString(script.String(), fmt.Sprintf("@$1-%d", os.Getpid())))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// A process that prints lines may still be at it when the last command ends, and what
	// a person would see besides them is none of the example's: so all lines are read, and
	// all commands are waited for.
	commands = "{\n" + commands + "echo " + blockDone + "; } 2>&1 | { n=0 over=; while IFS= read -r line; do\n" +
		`if [ "$line" = ` + blockDone + " ]; then over=1; else printf '%s\\n' \"$line\"; n=$((n + 1)); fi\n" +
		fmt.Sprintf("[ $n -ge %d ] && [ $over ] && break; done; }; kill 0", strings.Count(want.String(), "\n"))
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", commands)
	cmd.Dir = t.TempDir()
	// As the pages say of a terminal: all looks so after export ZCAT_OUT=json.
	cmd.Env = append(os.Environ(), "ZCAT_OUT=json", "PATH="+bin+":"+os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var got bytes.Buffer
	cmd.Stdout = &got
	_ = cmd.Run() // ends by its own kill
	if ctx.Err() != nil {
		t.Errorf("did not end")
	}
	if masked(got.String()) != masked(want.String()) {
		t.Errorf("%s\nprinted:\n%s\nwant:\n%s", commands, got.String(), want.String())
	}
}

// masked hides what differs each time: routing ids, times, ports, the names that
// runReadmeBlock made up.
func masked(s string) string {
	s = regexp.MustCompile(`\{"hex":"00[0-9a-f]{8}"\}`).ReplaceAllString(s, "ID")
	s = regexp.MustCompile(`hex:00[0-9a-f]{8}`).ReplaceAllString(s, "ID")
	s = regexp.MustCompile(`\d\d:\d\d:\d\d\.\d{3} `).ReplaceAllString(s, "CLOCK ")
	s = regexp.MustCompile(`127\.0\.0\.1:\d{4,5} *`).ReplaceAllString(s, "PORT ")
	s = regexp.MustCompile(`(?m)^ *(0|\+[\d.]+[µm]?s) #`).ReplaceAllString(s, "SINCE #") // in a ladder
	s = regexp.MustCompile(`\[~[0-9a-f]{4}\]`).ReplaceAllString(s, "[ID]")
	s = regexp.MustCompile(`"\\u0000[^"]*"`).ReplaceAllString(s, "ID")
	s = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`).ReplaceAllString(s, "TIME")
	return strings.ReplaceAll(s, fmt.Sprintf("-%d", os.Getpid()), "")
}
