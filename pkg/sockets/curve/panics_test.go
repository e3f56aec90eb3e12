package curve_test

import (
	"context"
	"testing"

	"github.com/zcat/zcat/pkg/internal/apiwalk"
	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// Nothing panics, whatever it is called with.
func TestNothingPanics(t *testing.T) {
	apiwalk.API{
		Dir: ".",
		Funcs: map[string]any{
			"AppendZ85": curve.AppendZ85, "Generate": curve.Generate, "ParseCertificate": curve.ParseCertificate,
			"ParsePublicKey": curve.ParsePublicKey, "ParseSecretKey": curve.ParseSecretKey, "ParseZ85": curve.ParseZ85,
			"ReadAllowList": curve.ReadAllowList, "ReadCertificate": curve.ReadCertificate,
		},
		Types: []any{(*curve.AllowList)(nil), (*curve.Certificate)(nil), (*curve.PublicKey)(nil), (*curve.SecretKey)(nil)},
		Values: []any{
			t.Context, func() string { return "\xff" }, t.TempDir, func() []byte { return []byte{1} }, func() []byte { return make([]byte, 31) },
			func() *zap.Request { return &zap.Request{} }, func() *zap.Request { return &zap.Request{Key: []byte{1}} },
			func() context.Context { return t.Context() },
		},
		Skip: []string{"SecretKey.Format"}, // called by package fmt
	}.Walk(t)
}
