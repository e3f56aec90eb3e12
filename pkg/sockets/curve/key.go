// Package curve holds the keys of the CURVE mechanism and their files: Z85 text
// (RFC 32), certificates as CZMQ writes them, lists of keys to let in.
package curve

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// KeySize is the length of a key in bytes; its Z85 text has TextSize characters.
const (
	KeySize  = 32
	TextSize = 40
)

// PublicKey is a key that everybody may know. The zero value is no key.
type PublicKey [KeySize]byte

// ParsePublicKey reads a key in Z85.
func ParsePublicKey(text string) (PublicKey, error) {
	var k PublicKey
	err := parseKey(k[:], text)
	if err == nil && k == (PublicKey{}) {
		err = errors.New("the key is all zeros, which is no key")
	}
	return k, err
}

// String returns the key in Z85.
func (k PublicKey) String() string { return string(AppendZ85(nil, k[:])) }

// SecretKey is a key that only its owner knows. Only Text shows it; printed, it is
// (secret). Copies share the same memory. The zero value is no key.
type SecretKey struct {
	// Where a key is in an unexported field, package fmt follows one pointer, but
	// never two.
	key **[KeySize]byte
}

func newSecretKey(key *[KeySize]byte) SecretKey { return SecretKey{&key} }

// ParseSecretKey reads a key in Z85. Its errors do not quote the text.
func ParseSecretKey(text string) (SecretKey, error) {
	key := new([KeySize]byte)
	if err := parseKey(key[:], text); err != nil {
		return SecretKey{}, err
	}
	if subtle.ConstantTimeCompare(key[:], make([]byte, KeySize)) == 1 {
		return SecretKey{}, errors.New("the key is all zeros, which is no key")
	}
	return newSecretKey(key), nil
}

func parseKey(k []byte, text string) error {
	if len(text) != TextSize {
		return fmt.Errorf("a key of %d characters: expected %d of Z85", len(text), TextSize)
	}
	b, err := ParseZ85(text)
	copy(k, b)
	clear(b)
	return err
}

// IsZero reports whether k is no key.
func (k SecretKey) IsZero() bool { return k.key == nil }

// Bytes returns the bytes of the key itself, nil for no key.
func (k SecretKey) Bytes() *[KeySize]byte {
	if k.key == nil {
		return nil
	}
	return *k.key
}

// Text returns the key in Z85, for a file of secrets; "" for no key.
func (k SecretKey) Text() string {
	if k.key == nil {
		return ""
	}
	return string(AppendZ85(nil, k.Bytes()[:]))
}

// Destroy overwrites the key with zeros, for all copies of it.
func (k SecretKey) Destroy() {
	if k.key != nil {
		clear(k.Bytes()[:])
	}
}

// Format prints (secret), never the key.
func (k SecretKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(secret)") }

// Public returns the public key that belongs to k, the zero one where k is no key.
func (k SecretKey) Public() PublicKey {
	var p PublicKey
	if k.key == nil {
		return p
	}
	secret, _ := ecdh.X25519().NewPrivateKey(k.Bytes()[:]) // it has the right size
	copy(p[:], secret.PublicKey().Bytes())
	return p
}

// Pair is a secret key and its public key.
type Pair struct {
	Public PublicKey
	Secret SecretKey
}

// Generate makes a fresh pair. An error is that of the system's random numbers.
func Generate() (Pair, error) {
	key := new([KeySize]byte)
	if _, err := rand.Read(key[:]); err != nil {
		return Pair{}, fmt.Errorf("making a key: %w", err)
	}
	secret := newSecretKey(key)
	return Pair{secret.Public(), secret}, nil
}
