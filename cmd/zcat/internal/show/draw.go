package show

import (
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

func newLadder(asked line.Output, w io.Writer) writer { return newViews(asked, w) }
func newPicture(w io.Writer, _ *say.Speech) writer    { return newRecords(w) }
