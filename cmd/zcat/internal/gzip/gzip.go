// Package gzip is for the other program called zcat: it hands over what is plainly
// meant for that one.
package gzip

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Name is the name that gzip's zcat has too. Under another name there is
// nothing to mistake.
const Name = "zcat"

// Meant reports whether a command line is plainly meant for gzip's zcat, and
// returns the start of stdin that was read to find out.
func Meant(all *line.Catalogue, args []string, in io.Reader) (head []byte, yes bool) {
	if all.Program != Name {
		return nil, false
	}
	rest := args[min(1, len(args)):]
	if len(rest) > 0 && (rest[0] == "help" || isCommand(all, rest[0])) {
		return nil, len(rest) == 1 && isCompressed(rest[0])
	}
	flags, rest := cutGzipFlags(rest)
	switch {
	case len(rest) > 0:
		// gzip also looks for FILE.gz where there is no FILE.
		return nil, isFile(rest[0]) || isFile(rest[0]+".gz") && !strings.HasPrefix(rest[0], "-")
	case slices.Contains(flags, "-"):
		return nil, true
	case say.IsTerminal(in):
		return nil, false
	}
	return Head(in)
}

func isCommand(all *line.Catalogue, name string) bool {
	_, found := all.Find(name)
	return found
}

// cutGzipFlags splits off the arguments that gzip's zcat takes before its first
// file.
func cutGzipFlags(args []string) (flags, rest []string) {
	long := []string{
		"force", "list", "quiet", "recursive", "suffix", "synchronous", "test", "verbose",
		"stdout", "to-stdout", "decompress", "uncompress", "keep", "no-name", "name", "ascii",
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, _, hasValue := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		switch {
		case arg == "-", arg == "--":
		case strings.HasPrefix(arg, "--") && slices.Contains(long, name):
			if name == "suffix" && !hasValue {
				i++
			}
		case strings.HasPrefix(arg, "-S"):
			if arg == "-S" {
				i++
			}
		case strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && strings.Trim(arg[1:], "acdfklnNqrtv") == "":
		default:
			return args[:i], args[i:]
		}
	}
	return args, nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// isCompressed reports whether a name is that of a file with compressed bytes, which
// counts more than that a command has the name too.
func isCompressed(name string) bool {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	_, yes := Head(f)
	return yes
}

// Head reads just enough of stdin to see whether it is compressed. It does
// not move the offset of a file, so what it returns was read from a pipe.
func Head(in io.Reader) (head []byte, yes bool) {
	magics := []string{"\x1f\x8b", "\x1f\x9d", "\x1f\x1e", "\x1f\xa0"} // gzip, compress, pack, lzh
	buf := make([]byte, 2)
	if f, ok := in.(*os.File); ok {
		if at, err := f.Seek(0, io.SeekCurrent); err == nil {
			n, err := f.ReadAt(buf, at)
			if err == nil || errors.Is(err, io.EOF) {
				return nil, slices.Contains(magics, string(buf[:n]))
			}
		}
	}
	n, err := io.ReadFull(in, buf)
	return buf[:n], err == nil && slices.Contains(magics, string(buf))
}

// HandOver runs the next zcat on PATH, else gzip -dc, with the same arguments,
// and returns its exit status. head is the part of stdin that was already read.
func HandOver(head []byte, args []string, in io.Reader, out, errs io.Writer, say *say.Speech) int {
	var rest []string
	if len(args) > 0 {
		rest = args[1:]
	}
	own, err := os.Executable()
	if err != nil {
		own = ""
	}
	argv := []string{NextOnPath(own, filepath.SplitList(os.Getenv("PATH")))}
	if argv[0] == "" {
		gzip, err := exec.LookPath("gzip")
		if err != nil {
			say.Fail("this is ZeroMQ's zcat; install gzip to read compressed files")
			return int(outcome.Usage)
		}
		argv = []string{gzip, "-dc"}
	}
	argv = append(argv, rest...)
	environ := line.WithoutDefaults(os.Environ())
	if len(head) == 0 && in == io.Reader(os.Stdin) && out == io.Writer(os.Stdout) {
		// Where the system can, the other command takes the place of this one.
		if err := become(argv, environ); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			say.Fail("running %s: %v", argv[0], err)
			return int(outcome.Failed)
		}
	}
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // it ends with its input, as this process would
	cmd.Env, cmd.Stdout, cmd.Stderr = environ, out, errs
	cmd.Stdin = in
	if len(head) > 0 {
		cmd.Stdin = io.MultiReader(bytes.NewReader(head), in)
	}
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return int(outcome.Done)
	case errors.As(err, &exit):
		return shellCode(exit)
	}
	say.Fail("running %s: %v", argv[0], err)
	return int(outcome.Failed)
}

// NextOnPath finds the zcat that stands on PATH behind own, or anywhere if own
// does not stand there. Looking only behind keeps two of ours from handing over
// to each other for ever.
func NextOnPath(own string, dirs []string) string {
	self, err := os.Stat(own)
	before, behind, passed := "", "", false
	for _, dir := range dirs {
		path, lookErr := exec.LookPath(filepath.Join(dir, Name))
		if lookErr != nil || !filepath.IsAbs(dir) {
			continue
		}
		info, statErr := os.Stat(path)
		switch {
		case statErr != nil:
		case err == nil && os.SameFile(self, info):
			passed = true
		case passed && behind == "":
			behind = path
		case !passed && before == "":
			before = path
		}
	}
	if passed {
		return behind
	}
	return before
}

// shellCode returns the status of a command as a shell shows it.
func shellCode(exit *exec.ExitError) int {
	if signal, ok := killedBy(exit.ProcessState); ok {
		return 128 + signal
	}
	return exit.ExitCode()
}
