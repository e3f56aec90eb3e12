//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A release needs a tag, a version and an entry of the changelog that agree.
func TestReleaseAgrees(t *testing.T) {
	script, err := filepath.Abs("../release.sh")
	if err != nil {
		t.Fatal(err)
	}
	const entry = "## [1.2.3] - 2026-01-02\n\n### Added\n\n- This.\n\n## [1.2.2] - 2026-01-01\n\n- That.\n"
	for name, c := range map[string]struct{ version, changelog, tag, change, want string }{
		"good":       {"1.2.3", "# Changelog\n\n" + entry, "v1.2.3", "", "### Added\n\n- This."},
		"untagged":   {"1.2.3", entry, "", "", "want v1.2.3: git tag"},
		"other tag":  {"1.2.3", entry, "v1.2.30", "", "want v1.2.3: git tag"},
		"older":      {"1.2.4", entry, "v1.2.4", "", "want '## [1.2.4] - YYYY-MM-DD'"},
		"unreleased": {"1.2.3", "## [Unreleased]\n" + entry, "v1.2.3", "", "begins with '## [Unreleased]'"},
		"undated":    {"1.2.3", "## [1.2.3]\n", "v1.2.3", "", "want '## [1.2.3] - YYYY-MM-DD'"},
		"changed":    {"1.2.3", entry, "v1.2.3", "more", "not committed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(path, text string) {
				path = filepath.Join(dir, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			git := func(args ...string) {
				cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "tag.gpgsign=false", "-c", "commit.gpgsign=false"}, args...)...)
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("git %q: %v: %s", args, err, out)
				}
			}
			write("cmd/zcat/internal/help/version.go", "const (\n\tversion  = \""+c.version+"\"\n)\n")
			write("CHANGELOG.md", c.changelog)
			git("init", "--quiet")
			git("add", ".")
			git("commit", "--quiet", "-m", "a")
			if c.tag != "" {
				git("tag", c.tag)
			}
			if c.change != "" {
				write("CHANGELOG.md", c.changelog+c.change)
			}
			cmd := exec.CommandContext(t.Context(), script)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); (err == nil) != (name == "good") || !strings.Contains(got, c.want) || err == nil && got != c.want {
				t.Errorf("%v, %q, want %q", err, got, c.want)
			}
		})
	}
}
