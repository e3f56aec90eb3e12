package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The part of the OCI image format that is used here. One image holds a binary for each
// processor; nothing in it but that, its licences and a /tmp.
type (
	descriptor struct {
		Type     string            `json:"mediaType"`
		Digest   string            `json:"digest"`
		Size     int               `json:"size"`
		Platform *platform         `json:"platform,omitempty"`
		Notes    map[string]string `json:"annotations,omitempty"`
	}
	platform struct {
		Arch string `json:"architecture"`
		OS   string `json:"os"`
	}
	manifest struct {
		Schema int          `json:"schemaVersion"`
		Type   string       `json:"mediaType"`
		Config descriptor   `json:"config"`
		Layers []descriptor `json:"layers"`
	}
	index struct {
		Schema    int          `json:"schemaVersion"`
		Type      string       `json:"mediaType"`
		Manifests []descriptor `json:"manifests"`
	}
	configuration struct {
		Created string `json:"created"`
		platform
		Config  runs     `json:"config"`
		RootFS  rootFS   `json:"rootfs"`
		History []record `json:"history"`
	}
	runs struct {
		User       string
		Env        []string
		Entrypoint []string
		Cmd        []string
		WorkingDir string
		Labels     map[string]string
		StopSignal string
	}
	rootFS struct {
		Type  string   `json:"type"`
		Diffs []string `json:"diff_ids"`
	}
	record struct {
		Created string `json:"created"`
		By      string `json:"created_by"`
	}
)

const ociType = "application/vnd.oci.image."

// layout is an image layout as an archive, to which blobs are added.
type layout struct {
	archive bytes.Buffer
	w       *tar.Writer
	at      time.Time
}

// image writes the archive of an image of the binaries for Linux: skopeo and podman read
// it, and what they copy it to.
func image(path, name, release string, binaries []binary, papers []document) error {
	l := &layout{at: binaries[0].at}
	l.w = tar.NewWriter(&l.archive)
	all := index{Schema: 2, Type: ociType + "index.v1+json"}
	for _, b := range binaries {
		if b.os != "linux" {
			continue
		}
		body, err := os.ReadFile(b.path)
		if err != nil {
			return err
		}
		one, err := l.add(name, release, b, body, papers)
		if err != nil {
			return err
		}
		all.Manifests = append(all.Manifests, one)
	}
	if len(all.Manifests) == 0 {
		return nil
	}
	list, err := l.blob(all.Type, marshalled(all))
	if err != nil {
		return err
	}
	list.Notes = map[string]string{"org.opencontainers.image.ref.name": release}
	err = l.put("index.json", marshalled(index{Schema: 2, Type: all.Type, Manifests: []descriptor{list}}))
	if err == nil {
		err = l.put("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	}
	if err == nil {
		err = l.w.Close()
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, l.archive.Bytes(), 0o644)
}

// add adds what is for one processor.
func (l *layout) add(name, release string, b binary, body []byte, papers []document) (descriptor, error) {
	plain, err := l.layer(name, body, papers)
	if err != nil {
		return descriptor{}, err
	}
	small, err := gzipped(plain)
	if err != nil {
		return descriptor{}, err
	}
	layer, err := l.blob(ociType+"layer.v1.tar+gzip", small)
	if err != nil {
		return descriptor{}, err
	}
	here, created := platform{b.arch, b.os}, l.at.UTC().Format(time.RFC3339)
	config, err := l.blob(ociType+"config.v1+json", marshalled(configuration{
		Created: created, platform: here,
		Config: runs{
			User: "65532:65532", Env: []string{"PATH=/usr/bin"}, Entrypoint: []string{"/usr/bin/" + name}, Cmd: []string{"--help"},
			WorkingDir: "/tmp", StopSignal: "SIGTERM",
			Labels: map[string]string{
				"org.opencontainers.image.title": name, "org.opencontainers.image.description": "open any ZeroMQ socket from the shell",
				"org.opencontainers.image.version": release, "org.opencontainers.image.revision": b.commit,
				"org.opencontainers.image.created": created, "org.opencontainers.image.licenses": "MIT", "org.opencontainers.image.source": homepage,
			},
		},
		RootFS:  rootFS{"layers", []string{digest(plain)}},
		History: []record{{created, "make image"}},
	}))
	if err != nil {
		return descriptor{}, err
	}
	one, err := l.blob(ociType+"manifest.v1+json", marshalled(manifest{2, ociType + "manifest.v1+json", config, []descriptor{layer}}))
	one.Platform = &here
	return one, err
}

// layer returns the files of an image.
func (l *layout) layer(name string, body []byte, papers []document) ([]byte, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	add := func(kind byte, path string, mode int64, body []byte) error {
		if err := w.WriteHeader(&tar.Header{Typeflag: kind, Name: path, Mode: mode, Size: int64(len(body)), ModTime: l.at.UTC(), Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		_, err := w.Write(body)
		return err
	}
	doc := "usr/share/doc/" + name + "/"
	for _, dir := range []string{"tmp/", "usr/", "usr/bin/", "usr/share/", "usr/share/doc/", doc} {
		mode := int64(0o755)
		if dir == "tmp/" {
			mode = 0o1777
		}
		if err := add(tar.TypeDir, dir, mode, nil); err != nil {
			return nil, err
		}
	}
	if err := add(tar.TypeReg, "usr/bin/"+name, 0o755, body); err != nil {
		return nil, err
	}
	for _, p := range papers {
		if p.path != "LICENSE" && p.path != thirdParty {
			continue
		}
		if err := add(tar.TypeReg, doc+filepath.Base(p.path), 0o644, p.body); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

// blob adds content under its sum.
func (l *layout) blob(kind string, body []byte) (descriptor, error) {
	sum := digest(body)
	return descriptor{Type: kind, Digest: sum, Size: len(body)}, l.put("blobs/sha256/"+sum[len("sha256:"):], body)
}

func (l *layout) put(path string, body []byte) error {
	if err := l.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path, Mode: 0o644, Size: int64(len(body)), ModTime: l.at.UTC(), Format: tar.FormatUSTAR}); err != nil {
		return err
	}
	_, err := l.w.Write(body)
	return err
}

func digest(body []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(body)) }

// marshalled is value as JSON, which cannot fail for what it is made of here.
func marshalled(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
