package help

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is the release, for builds without a module version, and released its
// day, for builds that know no commit.
const (
	version  = "0.2.0"
	released = "2026-11-25"
)

// build describes what this program was made of.
type build struct {
	release string // "1.2.3"
	zmq4    string
	commit  string // with "(modified)" where the tree was not what was committed
	date    string // of the commit, "2026-11-22"
}

// buildOf reads what the Go tool wrote into the program.
func buildOf() build {
	b := build{release: version, zmq4: "unknown", commit: "unknown", date: released}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; isRelease(v) {
		b.release = v[1:]
	}
	for _, dep := range info.Deps {
		if dep.Path == "github.com/go-zeromq/zmq4" {
			b.zmq4 = dep.Version
		}
	}
	modified := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.time":
			b.date, _, _ = strings.Cut(s.Value, "T")
		case "vcs.modified":
			if s.Value == "true" {
				modified = " (modified)"
			}
		}
	}
	if b.commit != "unknown" {
		b.commit += " of " + b.date + modified
	}
	return b
}

// VersionText returns "zcat X.Y.Z" and what it was built of, a line each.
func VersionText() string {
	b := buildOf()
	return fmt.Sprintf("zcat %s\n%s\nzmq4 %s\ncommit %s\n", b.release, runtime.Version(), b.zmq4, b.commit)
}

// isRelease reports whether v is vX.Y.Z, and not a version that Go made up from a
// commit.
func isRelease(v string) bool {
	if !strings.HasPrefix(v, "v") {
		return false
	}
	parts := strings.Split(v[1:], ".")
	for _, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 3
}
