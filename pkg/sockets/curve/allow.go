package curve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

// AllowList is a set of public keys to let in. It may be read again while it is
// in use.
type AllowList struct {
	name string
	keys atomic.Pointer[map[PublicKey]string] // with the name of each one's file
}

// ReadAllowList reads the certificate in the file name, or those of all files in
// the directory name except hidden ones and secret ones (*_secret).
func ReadAllowList(name string) (*AllowList, error) {
	l := &AllowList{name: name}
	if err := l.Reload(); err != nil {
		return nil, err
	}
	return l, nil
}

// Reload reads the list again. After an error the list is unchanged.
func (l *AllowList) Reload() error {
	files := []string{l.name}
	info, err := os.Stat(l.name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if files, err = certificatesIn(l.name); err != nil {
			return err
		}
	}
	keys := make(map[PublicKey]string, len(files))
	for _, file := range files {
		c, err := ReadCertificate(file)
		if err != nil {
			return err
		}
		c.Secret.Destroy()
		keys[c.Public] = strings.TrimSuffix(filepath.Base(file), ".key")
	}
	l.keys.Store(&keys)
	return nil
}

func certificatesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "_secret") {
			continue
		}
		info, err := os.Stat(name) // follows links
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, name)
		}
	}
	return files, nil
}

// Len is the number of keys.
func (l *AllowList) Len() int { return len(l.read()) }

// read returns the keys that were read last; the zero list lets in nobody.
func (l *AllowList) read() map[PublicKey]string {
	if keys := l.keys.Load(); keys != nil {
		return *keys
	}
	return nil
}

// Handle lets in the peers whose key is on the list; the user id is the name of the
// key's file without .key. It is a zap.Handler.
func (l *AllowList) Handle(_ context.Context, r *zap.Request) zap.Reply {
	if r == nil || len(r.Key) != KeySize {
		return zap.Deny("the peer has no CURVE key")
	}
	key := PublicKey(r.Key)
	user, found := l.read()[key]
	if !found {
		return zap.Deny(fmt.Sprintf("the key %v is not on the allow list", key))
	}
	return zap.Allow(user)
}
