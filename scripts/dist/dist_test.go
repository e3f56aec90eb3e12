package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func someFiles() []document {
	return []document{{"zcat", bytes.Repeat([]byte("binary"), 1000)}, {"README.md", []byte("read")}, {"completions/_zcat", nil}}
}

func TestTarredHoldsTheFilesOnly(t *testing.T) {
	at := time.Unix(1700000000, 0)
	archive, err := tarred("zcat-linux-amd64", someFiles(), at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tarred("zcat-linux-amd64", someFiles(), at.In(time.FixedZone("elsewhere", 3600)))
	if err != nil || !bytes.Equal(archive, again) {
		t.Errorf("the same files gave other bytes, %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for i, want := range someFiles() {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(body, want.body) || h.Name != "zcat-linux-amd64/"+want.path {
			t.Errorf("%s has %d bytes, %v, want %s with %d", h.Name, len(body), err, want.path, len(want.body))
		}
		if h.Mode != int64(modeOf(i)) || !h.ModTime.Equal(at) || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%s: mode %o, time %v, owner %d %q", h.Name, h.Mode, h.ModTime, h.Uid, h.Uname)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("something follows: %v", err)
	}
}

func TestZippedHoldsTheFilesOnly(t *testing.T) {
	at := time.Unix(1700000000, 0)
	archive, err := zipped("zcat-windows-amd64", someFiles(), at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := zipped("zcat-windows-amd64", someFiles(), at.In(time.FixedZone("elsewhere", 3600)))
	if err != nil || !bytes.Equal(archive, again) {
		t.Errorf("the same files gave other bytes, %v", err)
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	want := someFiles()
	if len(r.File) != len(want) {
		t.Fatalf("%d files, want %d", len(r.File), len(want))
	}
	for i, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(content)
		if err != nil || !bytes.Equal(body, want[i].body) || f.Name != "zcat-windows-amd64/"+want[i].path || f.Mode() != modeOf(i) {
			t.Errorf("%s, mode %v, has %d bytes, %v", f.Name, f.Mode(), len(body), err)
		}
	}
}

func TestBillListsEachModuleOnce(t *testing.T) {
	at := time.Unix(1700000000, 0)
	module := func(path, version string) *debug.Module {
		return &debug.Module{Path: path, Version: version, Sum: "h1:x="}
	}
	both := []binary{
		{commit: "c0ffee", at: at, info: &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{module("b.org/b", "v1.0.0"), module("a.org/a", "v2.1.0")}}},
		{commit: "c0ffee", at: at, info: &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{module("b.org/b", "v1.0.0"), module("c.org/c", "v0.1.0")}}},
	}
	text := bill("zcat", "1.2.3", both)
	var got sbom
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg:golang/std@1.26.8", "pkg:golang/a.org/a@v2.1.0", "pkg:golang/b.org/b@v1.0.0", "pkg:golang/c.org/c@v0.1.0"}
	if len(got.Components) != len(want) || len(got.Dependencies) != 1 || len(got.Dependencies[0].On) != len(want) {
		t.Fatalf("got %s, want the components %q", text, want)
	}
	for i, c := range got.Components {
		if c.URL != want[i] || got.Dependencies[0].On[i] != c.Ref {
			t.Errorf("component %d is %s, want %s", i, c.URL, want[i])
		}
	}
	if !bytes.Equal(text, bill("zcat", "1.2.3", both)) {
		t.Error("the same modules gave another list")
	}
	if bytes.Equal(text, bill("zcat", "1.2.4", both)) {
		t.Error("another release gave the same list")
	}
}

// Each kind of package has a document where its systems look for it, once.
func TestPlacesInPackages(t *testing.T) {
	for path, want := range map[string][3]string{
		"README.md":                 {"doc/zmq-zcat/README.md", "doc/zmq-zcat/README.md", "doc/zmq-zcat/README.md"},
		"LICENSE":                   {"", "licenses/zmq-zcat/LICENSE", "licenses/zmq-zcat/LICENSE"}, // Debian's is in copyright
		"man/zmq-zcat-push.1":       {"man/man1/zmq-zcat-push.1.gz", "man/man1/zmq-zcat-push.1.gz", "man/man1/zmq-zcat-push.1.gz"},
		"completions/zmq-zcat.bash": {"bash-completion/completions/zmq-zcat", "bash-completion/completions/zmq-zcat", "bash-completion/completions/zmq-zcat"},
		"completions/_zmq-zcat":     {"zsh/vendor-completions/_zmq-zcat", "zsh/site-functions/_zmq-zcat", "zsh/site-functions/_zmq-zcat"},
		"completions/zmq-zcat.fish": {"fish/vendor_completions.d/zmq-zcat.fish", "fish/vendor_completions.d/zmq-zcat.fish", "fish/vendor_completions.d/zmq-zcat.fish"},
		"completions/zmq-zcat.ps1":  {"doc/zmq-zcat/zmq-zcat.ps1", "doc/zmq-zcat/zmq-zcat.ps1", "doc/zmq-zcat/zmq-zcat.ps1"},
	} {
		c := contents{dir: t.TempDir()}
		c.place("zmq-zcat", document{path, []byte("text")})
		if c.err != nil {
			t.Fatal(c.err)
		}
		for i, kind := range []string{"deb", "rpm", "apk"} {
			var got []string
			for _, e := range c.entries {
				if e.Only == "" || e.Only == kind {
					got = append(got, e.Place)
				}
			}
			if text := strings.ReplaceAll(strings.Join(got, " "), "/usr/share/", ""); text != want[i] {
				t.Errorf("%s: %s goes to %q, want %q", kind, path, text, want[i])
			}
		}
	}
}
