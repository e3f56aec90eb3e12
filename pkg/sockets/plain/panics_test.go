package plain_test

import (
	"context"
	"testing"

	"github.com/zcat/zcat/pkg/internal/apiwalk"
	"github.com/zcat/zcat/pkg/sockets/plain"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// Nothing panics, whatever it is called with.
func TestNothingPanics(t *testing.T) {
	apiwalk.API{
		Dir:   ".",
		Funcs: map[string]any{"ReadUsers": plain.ReadUsers},
		Types: []any{(*plain.Users)(nil)},
		Values: []any{
			func() string { return "\xff" }, t.TempDir, func() *zap.Request { return &zap.Request{Username: "\x00"} },
			func() context.Context { return t.Context() },
		},
	}.Walk(t)
}
