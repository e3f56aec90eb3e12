package session

import (
	"fmt"
	"strconv"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// tip tells a person at a prompt what a line is: nothing on the screen shows how to make
// the second frame of a message. named says that the lines name peers as they are shown.
func tip(has sockets.Traits, in line.Choice, text *line.Separators, named bool) string {
	what := "message"
	switch {
	case has.Asks:
		what = "request"
	case has.Answers:
		what = "reply"
	}
	sep := "TAB"
	if text.Frame != nil {
		sep = strconv.Quote(string(text.Frame))
	}
	form := ""
	switch single := has.MostFrames == 1; {
	case named:
		form = ": @1 reply answers the first peer"
	case in.Format == frames.JSON && single:
		form = ` in JSON: ["a"]`
	case in.Format == frames.JSON && has.SendsSubscriptions:
		form = ` in JSON: ["\u0001news"] subscribes`
	case in.Format == frames.JSON:
		form = ` in JSON: ["a","b"]`
	case in.Format == frames.Hex && single:
		form = " in hex: 00ff"
	case in.Format == frames.Hex:
		form = " in hex, frame by frame: 00ff 61"
	case single || text.Frame != nil && len(text.Frame) == 0:
	case has.SendsSubscriptions:
		form = `; with --json ["\u0001news"] subscribes`
	case has.Grouped:
		form = fmt.Sprintf(": its group, %s, its body", sep)
	case has.Publishes:
		form = fmt.Sprintf(", topic first, %s between frames", sep)
	case has.Addressed:
		form = fmt.Sprintf(", routing id first, %s between frames", sep)
	default:
		form = fmt.Sprintf(", %s between frames", sep)
	}
	return fmt.Sprintf("a line is a %s%s; Ctrl-D ends it", what, form)
}
