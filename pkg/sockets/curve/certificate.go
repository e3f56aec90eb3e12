package curve

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
)

// Certificate is a public key with its metadata, and its secret key where that is
// known. CZMQ calls it a zcert.
type Certificate struct {
	Metadata []Item
	Pair
}

// Item is one line of a certificate's metadata: any text without a line break
// and without both kinds of quotes.
type Item struct{ Name, Value string }

// maxCertificate is the largest file that may be a certificate, in bytes.
const maxCertificate = 64 << 10

// ReadCertificate reads a certificate from a file.
func ReadCertificate(name string) (*Certificate, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxCertificate+1))
	defer clear(text)
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxCertificate:
		return nil, fmt.Errorf("%s: more than %d bytes: not a certificate", name, maxCertificate)
	}
	c, err := ParseCertificate(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// ParseCertificate reads a certificate: a section curve with a public-key and
// perhaps a secret-key, and a section metadata. Its errors do not quote values,
// which may be secrets.
func ParseCertificate(text []byte) (*Certificate, error) {
	settings, err := parseZPL(string(text))
	if err != nil {
		return nil, err
	}
	c := &Certificate{}
	seen := map[string]bool{}
	for _, s := range settings {
		if s.section == "metadata" {
			c.Metadata = append(c.Metadata, Item{s.name, s.value})
			continue
		}
		if s.section != "curve" || s.name != "public-key" && s.name != "secret-key" {
			continue
		}
		if seen[s.name] {
			return nil, fmt.Errorf("line %d: a second %s", s.line, s.name)
		}
		seen[s.name] = true
		if s.name == "public-key" {
			c.Public, err = ParsePublicKey(s.value)
		} else if s.value != noSecret {
			c.Secret, err = ParseSecretKey(s.value)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", s.line, s.name, err)
		}
	}
	if !seen["public-key"] {
		return nil, errors.New("not a certificate: expected a section curve with a public-key")
	}
	if !c.Secret.IsZero() {
		if own := c.Secret.Public(); subtle.ConstantTimeCompare(own[:], c.Public[:]) == 0 {
			return nil, errors.New("the secret-key does not belong to the public-key")
		}
	}
	return c, nil
}

// noSecret may stand in a certificate that has no secret key.
const noSecret = "0000000000000000000000000000000000000000"

// AppendPublic appends the certificate without its secret key.
func (c *Certificate) AppendPublic(dst []byte) []byte {
	return c.append(append(dst, "#   ZeroMQ CURVE public certificate: give it to whoever has to know the key.\n"...))
}

// AppendSecret appends the certificate with its secret key, or the forty zeros of a
// certificate that has none.
func (c *Certificate) AppendSecret(dst []byte) []byte {
	dst = append(dst, "#   ZeroMQ CURVE **secret** certificate: do not give it to anybody.\n"...)
	dst = append(c.append(dst), "    secret-key = \""...)
	if c.Secret.IsZero() {
		dst = append(dst, noSecret...)
	} else {
		dst = AppendZ85(dst, c.Secret.Bytes()[:])
	}
	return append(dst, "\"\n"...)
}

func (c *Certificate) append(dst []byte) []byte {
	dst = append(dst, "\nmetadata\n"...)
	for _, item := range c.Metadata {
		dst = append(dst, "    "+item.Name+" = "+quote(item.Value)+"\n"...)
	}
	return append(dst, "curve\n    public-key = \""+c.Public.String()+"\"\n"...)
}
