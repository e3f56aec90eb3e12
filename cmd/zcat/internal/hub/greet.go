package hub

import (
	"cmp"
	"fmt"

	"github.com/zcat/zcat/cmd/zcat/internal/prompt"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// greet gives a person who types the records of a hub without a filter a prompt, and tells
// what a line is.
func (h *hub) greet() {
	if h.asked.Filter != "" || !say.IsTerminal(h.std.Out) && !prompt.Apart(h.std.Out) {
		return
	}
	if h.typed, h.Leave = prompt.Offer(h.taking, h.std); h.typed != nil {
		h.Say.Notice("a line is a record: %s; Ctrl-D ends it", cmp.Or(h.message(), `{"pause":"`+h.asked.sockets[0].name+`"}`))
	}
}

// message is an example of a record: a message for a socket that sends, "" where there is
// none.
func (h *hub) message() string {
	for _, s := range h.asked.sockets {
		if !s.Command.Sends() {
			continue
		}
		frames := `"x"`
		switch has := s.Command.Traits(); {
		case has.Grouped:
			frames = `"group","x"`
		case has.Addressed:
			frames = `"routing id","x"`
		}
		return fmt.Sprintf(`{"to":"%s","frames":[%s]}`, s.name, frames)
	}
	return ""
}
