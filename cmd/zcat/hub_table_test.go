package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHubTable: all that testdata/hub.md says is held by a test is held by one that exists.
func TestHubTable(t *testing.T) {
	table, err := os.ReadFile("../../testdata/hub.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	err = filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			var text []byte
			text, err = os.ReadFile(path)
			code.Write(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	name, script := regexp.MustCompile(`^(Test\w+)(, |$)`), regexp.MustCompile("^`([a-z-]+\\.txtar)`: ")
	rows := 0
	for line := range strings.Lines(string(table)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) != 2 || cells[0] == "promised" || cells[0] == "---" {
			continue
		}
		rows++
		file, text := "", ""
		for _, held := range strings.Split(cells[1], "; ") {
			if m := script.FindStringSubmatch(held); m != nil {
				content, err := os.ReadFile("../../testdata/script/" + m[1])
				if err != nil {
					t.Error(err)
				}
				file, text, held = m[1], strings.ReplaceAll(string(content), "\n# ", " "), held[len(m[0]):]
			}
			if !name.MatchString(held) {
				if !strings.Contains(text, strings.Trim(held, `"`)) && !strings.Contains(text, held) {
					t.Errorf("%s: %s has no %s", cells[0], file, held)
				}
				continue
			}
			for _, test := range strings.Split(held, ", ") {
				if !strings.Contains(code.String(), "func "+test+"(") {
					t.Errorf("%s: there is no %s", cells[0], test)
				}
			}
		}
	}
	if rows < 50 {
		t.Errorf("the table has %d rows", rows)
	}
}
