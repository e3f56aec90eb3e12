// Package keygen is the command that makes keys for CURVE.
package keygen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// Command is the command that makes keys.
func Command() line.Command {
	return line.Command{
		Tool:     true,
		Name:     "keygen",
		Operands: "NAME",
		Essence:  "NAME",
		Summary:  "make a pair of keys for CURVE",
		About: "NAME.key is the public certificate, which goes to whoever has to know the key; NAME.key_secret, for its owner " +
			"alone (mode 0600), has both keys. CZMQ reads both. The public key is printed. Files that are there are left alone, " +
			"and nothing is made. Where NAME is -, both keys are printed and nothing is written.",
		Example: "keygen server",
		Flags:   flags.HelpOnly, Rules: keygenRules, Run: keygen,
	}
}

// keygenRules are the rules of keygen.
func keygenRules(c *line.Config) []line.Rule {
	return []line.Rule{{
		Broken: len(c.Args) != 1 || c.Args[0] == "", Sentence: "keygen makes one pair of keys, for NAME or - for stdout: " + line.Given(len(slices.DeleteFunc(slices.Clone(c.Args), func(name string) bool { return name == "" }))),
		Hint: c.Command.Program + " keygen server",
	}}
}

// keygen makes a pair of keys: two certificates, of which the first is for
// everybody, or both keys on stdout.
func keygen(c *line.Config, std say.Streams) (outcome.Status, error) {
	keys, err := curve.Generate()
	if err != nil {
		return outcome.Failed, err
	}
	defer keys.Secret.Destroy()
	certificate := &curve.Certificate{Pair: keys}
	name := c.Args[0]
	if name == "-" {
		return std.Answer("public-key = \"" + keys.Public.String() + "\"\nsecret-key = \"" + keys.Secret.Text() + "\"\n")
	}
	public, secret := name+".key", name+".key_secret"
	for _, file := range []string{public, secret} {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return outcome.Failed, fmt.Errorf("%s is there already: a key that is in use is not overwritten", file)
		}
	}
	if err := writeNew(secret, certificate.AppendSecret(nil), 0o600); err != nil {
		return outcome.Failed, err
	}
	if err := writeNew(public, certificate.AppendPublic(nil), 0o644); err != nil {
		return outcome.Failed, errors.Join(err, os.Remove(secret))
	}
	return std.Answer(keys.Public.String() + "\n")
}

// writeNew writes a file that must not be there yet, whole or not at all.
func writeNew(name string, text []byte, mode fs.FileMode) error {
	defer clear(text)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	// The umask may have removed bits of the mode; it never adds any.
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
