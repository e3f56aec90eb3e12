package transport

import (
	"errors"
	"io"
	"testing"
)

// BenchmarkConn writes 64 KiB at a time to a reader of 256 KiB: by net.Conn's
// Write, and by TryWrite with Write for the rest. TryWrite is not there for speed
// but so that its caller never waits; it must not cost speed.
func BenchmarkConn(b *testing.B) {
	for _, scheme := range []string{schemeTCP, schemeIPC, schemeInproc} {
		for _, how := range []string{"write", "try"} {
			b.Run(scheme+"/"+how, func(b *testing.B) {
				from, to := pair(b, freeEndpoint(b, scheme))
				done := make(chan error, 1)
				go func() {
					r := NewReader(to)
					buf := make([]byte, 256<<10)
					get, put := func() []byte { return buf }, func([]byte) {}
					for {
						if _, _, err := r.Read(get, put); err != nil {
							done <- err
							return
						}
					}
				}()
				chunk := make([]byte, 64<<10)
				try := TryWrite(from)
				b.SetBytes(int64(len(chunk)))
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					if how == "try" {
						var err error
						if n, err = try(chunk); err != nil {
							b.Fatal(err)
						}
					}
					if _, err := from.Write(chunk[n:]); err != nil {
						b.Fatal(err)
					}
				}
				_ = from.CloseWrite()
				if err := <-done; !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			})
		}
	}
}

// BenchmarkRoundTrip sends one small message there and back.
func BenchmarkRoundTrip(b *testing.B) {
	for _, scheme := range []string{schemeTCP, schemeIPC, schemeInproc} {
		b.Run(scheme, func(b *testing.B) {
			from, to := pair(b, freeEndpoint(b, scheme))
			go func() { _, _ = io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{to}) }()
			message := make([]byte, 100)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := from.Write(message); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(from, message); err != nil {
					b.Fatal(err)
				}
			}
			_ = from.Close()
		})
	}
}
