package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// archive is an archive of a release, as a package manager gets it.
type archive struct {
	OS, Arch, URL, Sum, Dir string
}

// channels writes a formula for Homebrew and a manifest for Scoop, which name the
// archives in the directory.
func channels(o order, release string, binaries []binary) error {
	of := map[string][]archive{}
	for _, b := range binaries {
		file := b.archive(o.name)
		body, err := os.ReadFile(filepath.Join(o.into, file))
		if err != nil {
			return err
		}
		of[b.os] = append(of[b.os], archive{
			OS: b.os, Arch: b.arch, URL: homepage + "/releases/download/v" + release + "/" + file,
			Sum: fmt.Sprintf("%x", sha256.Sum256(body)), Dir: o.name + "-" + b.os + "-" + b.arch,
		})
	}
	if len(of["darwin"])+len(of["linux"]) > 0 {
		if err := os.WriteFile(filepath.Join(o.into, packed(o.name)+".rb"), formula(o.name, release, of["darwin"], of["linux"]), 0o644); err != nil {
			return err
		}
	}
	if len(of["windows"]) > 0 {
		return os.WriteFile(filepath.Join(o.into, o.name+".json"), scoop(o.name, release, of["windows"]), 0o644)
	}
	return nil
}

// formula installs under the name that packages have, beside gzip's zcat.
func formula(name, release string, darwin, linux []archive) []byte {
	const text = `class {{.Class}} < Formula
  desc "Open any ZeroMQ socket from the shell"
  homepage "{{.Home}}"
  version "{{.Version}}"
  license "MIT"
{{range .Systems}}{{if .Archives}}
  on_{{.Name}} do
{{- range .Archives}}
    on_{{if eq .Arch "arm64"}}arm{{else}}intel{{end}} do
      url "{{.URL}}"
      sha256 "{{.Sum}}"
    end
{{- end}}
  end
{{end}}{{end}}
  def install
    bin.install "{{.Binary}}" => "{{.Name}}"
    man1.mkpath
    system bin/"{{.Name}}", "man", "--dir", man1
    generate_completions_from_executable(bin/"{{.Name}}", "completion")
    doc.install "README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "{{.Notices}}"
  end

  test do
    assert_match "zcat #{version}", shell_output("#{bin}/{{.Name}} --version")
  end
end
`
	var class strings.Builder
	for part := range strings.SplitSeq(packed(name), "-") {
		class.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	type system struct {
		Name     string
		Archives []archive
	}
	var b bytes.Buffer
	err := template.Must(template.New("").Parse(text)).Execute(&b, map[string]any{
		"Class": class.String(), "Home": homepage, "Version": release, "Binary": name, "Name": packed(name), "Notices": thirdParty,
		"Systems": []system{{"macos", darwin}, {"linux", linux}},
	})
	if err != nil {
		panic(err) // it is made of strings
	}
	return b.Bytes()
}

// scoop installs on Windows, where no other zcat is.
func scoop(name, release string, windows []archive) []byte {
	type one struct {
		URL  string `json:"url"`
		Hash string `json:"hash"`
		Dir  string `json:"extract_dir"`
	}
	all := map[string]one{}
	for _, a := range windows {
		bits := "64bit"
		if a.Arch == "arm64" {
			bits = a.Arch
		}
		all[bits] = one{a.URL, a.Sum, a.Dir}
	}
	text, err := json.MarshalIndent(struct {
		Version      string         `json:"version"`
		Description  string         `json:"description"`
		Homepage     string         `json:"homepage"`
		License      string         `json:"license"`
		Architecture map[string]one `json:"architecture"`
		Binary       string         `json:"bin"`
	}{release, "Open any ZeroMQ socket from the shell", homepage, "MIT", all, name + ".exe"}, "", "    ")
	if err != nil {
		panic(err) // it is made of strings
	}
	return append(text, '\n')
}
