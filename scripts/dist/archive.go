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
	var (
		path    string
		archive []byte
	)
	if b.os == "windows" {
		path = filepath.Join(into, dir+".zip")
		archive, err = zipped(dir, files, b.at)
	} else {
		path = filepath.Join(into, dir+".tar.gz")
		archive, err = tarred(dir, files, b.at)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, archive, 0o644)
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
	z, err := gzip.NewWriterLevel(&archive, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(z)
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
	if err := z.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
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
