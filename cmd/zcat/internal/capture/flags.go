package capture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// Asked has the settings of captures. The zero value asks for none.
type Asked struct {
	Names    []string     // endpoints, files, and - for stdout
	kind     sockets.Type // of the sockets
	connects bool         // these connect, instead of binding
}

// Nothing returns the settings without a flag.
func Nothing() Asked { return Asked{kind: sockets.Pub} }

// Flags are the flags of a command that captures, under a heading of its help. of is
// where in the command's settings they are stored.
func Flags(group string, of func(*line.Config) *Asked) []line.Flag {
	return []line.Flag{
		{
			Name: "capture", Kind: line.MayTakeValue, Group: group, Meta: "EP|FILE", Bare: "-", Example: "traffic.jsonl",
			Brief: "copy every message to EP, FILE or stdout",
			Help: "publish a copy of every message on EP, or append it to FILE as a line of JSON; " +
				"- or nothing is stdout, shown as --out says (view on a terminal); repeatable. What a slow reader misses is counted",
			Set: func(c *line.Config, text string) error {
				if text == "" {
					return fmt.Errorf("the value is empty")
				}
				of(c).Names = append(of(c).Names, text)
				return nil
			},
		},
		{
			Name: "capture-type", Kind: line.TakesValue, Group: group, Meta: "TYPE", Example: "push", Company: "--capture=:5557",
			Help: "the socket of --capture EP: pub (default), push, dealer or pair",
			Set: func(c *line.Config, text string) (err error) {
				of(c).kind, err = parseType(text)
				return err
			},
		},
		{
			Name: "capture-connect", Kind: line.TakesNothing, Group: group, Company: "--capture=:5557",
			Help: "connect to the EP of --capture instead of binding it",
			Set:  flags.ToBool(func(c *line.Config) *bool { return &of(c).connects }),
		},
	}
}

func parseType(text string) (sockets.Type, error) {
	t, err := sockets.ParseType(text)
	if err != nil || copies(t) {
		return t, err
	}
	var able []string
	for _, other := range sockets.Types() {
		if copies(other) {
			able = append(able, strings.ToLower(other.String()))
		}
	}
	last := len(able) - 1
	return sockets.Pub, fmt.Errorf("a %s cannot capture: %s and %s can", t, strings.Join(able[:last], ", "), able[last])
}

// copies reports whether sockets of a type can send copies: all others want a peer to
// speak or to subscribe first, or carry single frames.
func copies(t sockets.Type) bool {
	has := t.Traits()
	return t.Sends() && has.MostFrames == 0 && !has.Asks && !has.Answers && !has.Addressed && !has.SendsSubscriptions && !has.ReceivesSubscriptions
}

// Rules returns the rules of the flags.
func (a *Asked) Rules(c *line.Config) []line.Rule {
	none := len(a.Endpoints()) == 0
	return []line.Rule{
		{
			Broken: none && c.Typed["capture-type"], Sentence: "--capture-type is for the endpoint of a --capture, and there is none",
			Flags: "--capture :5557 --capture-type push",
		},
		{
			Broken: none && c.Typed["capture-connect"], Sentence: "--capture-connect is for the endpoint of a --capture, and there is none",
			Flags: "--capture :5557 --capture-connect",
		},
	}
}

// Endpoints are those that are bound or connected.
func (a *Asked) Endpoints() (all []line.Attachment) {
	for _, name := range a.Names {
		if line.IsEndpoint(name) {
			all = append(all, a.attachment(name))
		}
	}
	return all
}

func (a *Asked) attachment(endpoint string) line.Attachment {
	return line.Attachment{Endpoint: endpoint, Bind: !a.connects}
}

// Files are those that are appended to; stdout is one.
func (a *Asked) Files() (files []line.NamedFile) {
	for _, name := range a.Names {
		if !line.IsEndpoint(name) {
			files = append(files, line.NamedFile{Flag: "--capture", Name: name})
		}
	}
	return files
}

// ToStdout reports whether one of them is stdout.
func (a *Asked) ToStdout() bool { return slices.Contains(a.Names, line.StdoutName) }
