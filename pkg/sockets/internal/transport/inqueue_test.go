package transport

import (
	"io"
	"runtime"
	"testing"
)

func TestInQueue(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		counts := runtime.GOOS == "linux" || parse(t, t.endpoint).Scheme() == schemeInproc
		if n, ok := InQueue(b); n != 0 || ok != counts {
			t.Fatal(n, ok)
		}
		if !counts {
			return
		}
		if _, err := a.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		one := make([]byte, 1)
		if _, err := io.ReadFull(b, one); err != nil { // all came with the first byte
			t.Fatal(err)
		}
		if n, ok := InQueue(b); n != 999 || !ok {
			t.Fatal(n, ok)
		}
		if _, err := io.ReadFull(b, make([]byte, 999)); err != nil {
			t.Fatal(err)
		}
		if n, ok := InQueue(b); n != 0 || !ok {
			t.Fatal(n, ok)
		}
		try(t, b.Close())
		if _, ok := InQueue(b); ok && parse(t, t.endpoint).Scheme() != schemeInproc {
			t.Fatal("counted for a closed connection")
		}
	})
}
