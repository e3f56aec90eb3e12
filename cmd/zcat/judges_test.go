//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// What zcat prints for other programs, shown to those programs: make judges installs
// them.

func judged(t *testing.T) {
	t.Helper()
	if os.Getenv("ZCAT_JUDGES") == "" {
		t.Skip("it needs programs that few have: make judges")
	}
}

// TestJudgePrometheus shows the pages of --metrics to promtool, which finds what
// Prometheus' conventions ask for.
func TestJudgePrometheus(t *testing.T) {
	judged(t)
	for name, args := range map[string][]string{
		"forwarder": {"proxy", "@judge-in", "@judge-out", "--forwarder", "--last-value", "--capture", "records", "--capture", `say "it"`},
		"filter":    {"proxy", "@judge-in", "@judge-out", "--filter", "cat"},
		"hub":       {"hub", "in=pull -b @judge-in", "out=push -b @judge-out", "--filter", "cat", "--capture", "records"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			page := metricsOf(ctx, t, args)
			promtool := exec.CommandContext(ctx, "promtool", "check", "metrics")
			promtool.Stdin = strings.NewReader(page)
			if out, err := promtool.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("promtool: %v\n%s\nof\n%s", err, out, page)
			}
		})
	}
}

// metricsOf returns the page of a command.
func metricsOf(ctx context.Context, t *testing.T, args []string) string {
	t.Helper()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "@judge", fmt.Sprintf("@judge-%d", os.Getpid()))
	}
	cmd := exec.CommandContext(ctx, "zcat", append(args, "--metrics", ":0")...)
	cmd.Dir = t.TempDir()
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill() // it has been asked all there was to ask
		_ = cmd.Wait()
	}()
	var heard strings.Builder
	for lines := bufio.NewScanner(said); lines.Scan(); {
		heard.WriteString(lines.Text() + "\n")
		url := regexp.MustCompile(`http://\S+/metrics`).FindString(lines.Text())
		if url == "" {
			continue
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // it was read
		if err != nil || len(page) == 0 {
			t.Fatalf("%d bytes, %v", len(page), err)
		}
		return string(page)
	}
	t.Fatalf("no metrics: %s", heard.String())
	return ""
}

// TestJudgeSystemd shows each unit, in the packages and in the topics, to systemd-analyze.
func TestJudgeSystemd(t *testing.T) {
	judged(t)
	zcat, err := exec.LookPath("zcat")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range topics.Names() {
		text, _ := topics.Text(name, "zcat")
		for i, unit := range units(text) {
			all[fmt.Sprintf("help-%s-%d", name, i+1)] = unit
		}
	}
	packed, err := os.ReadFile("../../scripts/dist/zcat-proxy.service")
	if err != nil {
		t.Fatal(err)
	}
	all["packed"] = string(packed)
	for name, unit := range all {
		// It has to be there; where it will be installed is not known here.
		unit = regexp.MustCompile(`(?m)^(ExecStart=)\S+`).ReplaceAllString(unit, "${1}"+zcat)
		file := filepath.Join(t.TempDir(), name+".service")
		if err := os.WriteFile(file, []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s\nof\n%s", name, err, out, unit)
		}
	}
}

// units returns the units of systemd on a page: what is indented by four and begins
// with a section.
func units(page string) (all []string) {
	for _, block := range regexp.MustCompile(`(?m)^    \[(?:Unit|Service)\]\n(?:(?:    .*)?\n)*`).FindAllString(page, -1) {
		all = append(all, regexp.MustCompile(`(?m)^    `).ReplaceAllString(block, ""))
	}
	return all
}
