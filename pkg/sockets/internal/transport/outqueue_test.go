package transport

import (
	"io"
	"runtime"
	"testing"
)

func TestOutQueue(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		counts := runtime.GOOS == "linux" && parse(t, t.endpoint).Scheme() != schemeInproc
		n, ok := OutQueue(a)
		if n != 0 || ok != counts {
			t.Fatal(n, ok)
		}
		if !counts {
			return
		}
		write := TryWrite(a)
		for n, err := write(make([]byte, 64<<10)); n > 0; n, err = write(make([]byte, 64<<10)) {
			try(t, err)
		}
		if n, ok := OutQueue(a); n == 0 || !ok {
			t.Fatal(n, ok)
		}
		try(t, a.CloseWrite())
		if _, err := io.Copy(io.Discard, b); err != nil {
			t.Fatal(err)
		}
		for n, ok := OutQueue(a); n > 0; n, ok = OutQueue(a) { // the last acknowledgement is under way
			if !ok {
				t.Fatal("not counted")
			}
		}
		try(t, a.Close())
		if _, ok := OutQueue(a); ok {
			t.Fatal("counted for a closed connection")
		}
	})
}
