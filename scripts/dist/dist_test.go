package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
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

// An image is made of blobs under their sums, of which the index names all; the first
// program of the layer is the binary for that processor.
func TestImage(t *testing.T) {
	dir := t.TempDir()
	var binaries []binary
	for _, target := range []string{"linux/amd64", "darwin/amd64", "linux/arm64"} {
		system, arch, _ := strings.Cut(target, "/")
		path := filepath.Join(dir, system+arch)
		if err := os.WriteFile(path, []byte("binary for "+arch), 0o600); err != nil {
			t.Fatal(err)
		}
		binaries = append(binaries, binary{os: system, arch: arch, path: path, commit: "c0ffee", at: time.Unix(1700000000, 0)})
	}
	made := func(name string) []byte {
		path := filepath.Join(dir, name)
		if err := image(path, "zcat", "1.2.3", binaries, []document{{"README.md", nil}, {"LICENSE", []byte("may")}, {thirdParty, []byte("others")}}); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	archive := made("one")
	if !bytes.Equal(archive, made("two")) {
		t.Error("the same binaries gave other bytes")
	}
	for _, arch := range []string{"amd64", "arm64"} {
		config, files := unpackImage(t, archive, arch)
		if got := string(files["usr/bin/zcat"]); got != "binary for "+arch {
			t.Errorf("%s: the binary is %q", arch, got)
		}
		if string(files["usr/share/doc/zcat/LICENSE"]) != "may" || string(files["usr/share/doc/zcat/"+thirdParty]) != "others" || len(files) != 3 {
			t.Errorf("%s: the files are %q", arch, files)
		}
		if config.Arch != arch || config.Config.Entrypoint[0] != "/usr/bin/zcat" || config.Config.Labels["org.opencontainers.image.version"] != "1.2.3" {
			t.Errorf("%s: %+v", arch, config)
		}
	}
}

// unpackImage reads an image as a runtime does, sums and sizes included. It returns the
// configuration and the files for a processor.
func unpackImage(t *testing.T, archive []byte, arch string) (config configuration, files map[string][]byte) {
	t.Helper()
	blobs := untarred(t, archive)
	blob := func(d descriptor) []byte {
		body := blobs["blobs/"+strings.Replace(d.Digest, ":", "/", 1)]
		if digest(body) != d.Digest || len(body) != d.Size {
			t.Fatalf("%s has %d bytes with the sum %s", d.Digest, len(body), digest(body))
		}
		return body
	}
	decode := func(body []byte, into any) {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	var version map[string]string
	decode(blobs["oci-layout"], &version)
	if version["imageLayoutVersion"] != "1.0.0" {
		t.Errorf("the layout is %v", version)
	}
	var outer, inner index
	decode(blobs["index.json"], &outer)
	if len(outer.Manifests) != 1 {
		t.Fatalf("%d images", len(outer.Manifests))
	}
	decode(blob(outer.Manifests[0]), &inner)
	for _, d := range inner.Manifests {
		if *d.Platform != (platform{arch, "linux"}) {
			continue
		}
		var m manifest
		decode(blob(d), &m)
		decode(blob(m.Config), &config)
		z, err := gzip.NewReader(bytes.NewReader(blob(m.Layers[0])))
		if err != nil {
			t.Fatal(err)
		}
		layer, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Layers) != 1 || len(config.RootFS.Diffs) != 1 || digest(layer) != config.RootFS.Diffs[0] {
			t.Errorf("the layers are not those of the configuration: %+v", config.RootFS)
		}
		return config, untarred(t, layer)
	}
	t.Fatalf("nothing for %s", arch)
	return config, nil
}

// untarred returns the files of an archive.
func untarred(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// The formula and the manifest name each archive with its sum.
func TestChannels(t *testing.T) {
	o := order{into: t.TempDir(), name: "zcat"}
	var binaries []binary
	sums := map[string]string{}
	for _, target := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"} {
		system, arch, _ := strings.Cut(target, "/")
		b := binary{os: system, arch: arch}
		if err := os.WriteFile(filepath.Join(o.into, b.archive("zcat")), []byte(target), 0o600); err != nil {
			t.Fatal(err)
		}
		sums[target] = strings.TrimPrefix(digest([]byte(target)), "sha256:")
		binaries = append(binaries, b)
	}
	if err := channels(o, "1.2.3", binaries); err != nil {
		t.Fatal(err)
	}
	brew, err := os.ReadFile(filepath.Join(o.into, "zmq-zcat.rb"))
	if err != nil {
		t.Fatal(err)
	}
	const from = "https://github.com/zcat/zcat/releases/download/v1.2.3/"
	for _, want := range []string{
		"class ZmqZcat < Formula\n", "  version \"1.2.3\"\n",
		"  on_macos do\n    on_intel do\n      url \"" + from + "zcat-darwin-amd64.tar.gz\"\n      sha256 \"" + sums["darwin/amd64"] + "\"\n    end\n" +
			"    on_arm do\n      url \"" + from + "zcat-darwin-arm64.tar.gz\"\n      sha256 \"" + sums["darwin/arm64"] + "\"\n    end\n  end\n",
		"    on_arm do\n      url \"" + from + "zcat-linux-arm64.tar.gz\"\n      sha256 \"" + sums["linux/arm64"] + "\"\n    end\n  end\n",
	} {
		if !strings.Contains(string(brew), want) {
			t.Errorf("no %s in\n%s", want, brew)
		}
	}
	text, err := os.ReadFile(filepath.Join(o.into, "zcat.json"))
	if err != nil {
		t.Fatal(err)
	}
	var scoop struct {
		Version, Bin string
		Architecture map[string]map[string]string
	}
	if err := json.Unmarshal(text, &scoop); err != nil {
		t.Fatal(err)
	}
	if scoop.Version != "1.2.3" || scoop.Bin != "zcat.exe" || len(scoop.Architecture) != 2 {
		t.Errorf("%+v", scoop)
	}
	for bits, arch := range map[string]string{"64bit": "amd64", "arm64": "arm64"} {
		got := scoop.Architecture[bits]
		if got["hash"] != sums["windows/"+arch] || got["url"] != from+"zcat-windows-"+arch+".zip" || got["extract_dir"] != "zcat-windows-"+arch {
			t.Errorf("%s: %v", bits, got)
		}
	}
}
