package flags

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// TestEveryOptionHasAVerdict: each option of libzmq's header, where it is installed, is
// named in -o list of every command, by what it does, its flag, or why it means nothing.
func TestEveryOptionHasAVerdict(t *testing.T) {
	header, err := os.ReadFile("/usr/include/zmq.h")
	if err != nil {
		t.Skip(err)
	}
	// From the socket options to the message options; a draft stands behind its own mark.
	text := string(header)
	begin, end := strings.Index(text, "/*  Socket options."), strings.Index(text, "/*  Message options")
	if begin < 0 || end < begin {
		t.Fatal("another header than expected")
	}
	names := regexp.MustCompile(`(?m)^#define ZMQ_([A-Z0-9_]+) \d+$`).FindAllStringSubmatch(text[begin:end], -1)
	if len(names) < 60 {
		t.Fatalf("%d options are found", len(names))
	}
	for _, kind := range sockets.Types() {
		list := OptionList(line.Command{Name: strings.ToLower(kind.String()), Kind: kind})
		for _, name := range names {
			option := strings.ToLower(name[1])
			if !regexp.MustCompile(`(?m)^` + option + `[= ]`).MatchString(list) {
				t.Errorf("%s: %s has no verdict", kind, option)
			}
		}
	}
}
