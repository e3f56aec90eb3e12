package prompt

import (
	"context"
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Offer is Edit where a person types: where stdin and stderr are a terminal that can be drawn
// on, by the process to which it belongs just now. Elsewhere lines is nil.
func Offer(taking context.Context, std say.Streams) (lines io.Reader, restore func()) {
	in, isFile := std.In.(*os.File)
	errs, seen := std.Console.Errs.(*os.File)
	if !isFile || !seen || !say.Steerable(in) || !say.Steerable(errs) || !Foreground(in) {
		return nil, nil
	}
	return Edit(taking, in, errs, std)
}

// Apart reports whether what is written to out leaves a prompt alone, as a file does. The
// reader of a pipe probably writes to the same terminal. On a terminal lines appear above the
// prompt.
func Apart(out io.Writer) bool {
	f, isFile := out.(*os.File)
	if !isFile {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0
}
