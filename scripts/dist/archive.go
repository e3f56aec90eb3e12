package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"time"
)

// pack writes the archive of one platform: zip for Windows, else tar.gz. All of it
// stands in one directory with the name of the archive.
func pack(into, name string, b binary, extras []document) error {
	body, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	dir := name + "-" + b.os + "-" + b.arch
	files := append([]document{{b.file(name), body}}, extras...)
	var archive []byte
	if b.os == "windows" {
		archive, err = zipped(dir, files, b.at)
	} else {
		archive, err = tarred(dir, files, b.at)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(into, b.archive(name)), archive, 0o644)
}

// archive returns the name of the archive with the binary.
func (b binary) archive(name string) string {
	if b.os == "windows" {
		return name + "-" + b.os + "-" + b.arch + ".zip"
	}
	return name + "-" + b.os + "-" + b.arch + ".tar.gz"
}

// modeOf returns 0755 for the first file, the binary.
func modeOf(i int) os.FileMode {
	if i == 0 {
		return 0o755
	}
	return 0o644
}

// tarred returns a tar.gz that depends on nothing but the files and the time.
func tarred(dir string, files []document, at time.Time) ([]byte, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for i, f := range files {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: dir + "/" + f.path, Size: int64(len(f.body)),
			Mode: int64(modeOf(i)), ModTime: at.UTC(), Format: tar.FormatUSTAR,
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.body); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return gzipped(archive.Bytes())
}

// zipped returns the same as a zip.
func zipped(dir string, files []document, at time.Time) ([]byte, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for i, f := range files {
		header := &zip.FileHeader{Name: dir + "/" + f.path, Method: zip.Deflate, Modified: at.UTC()}
		header.SetMode(modeOf(i))
		entry, err := w.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(f.body); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

// gzipped returns a gzip that depends on nothing but the bytes.
func gzipped(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
