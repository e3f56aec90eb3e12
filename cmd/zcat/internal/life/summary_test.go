package life

import (
	"encoding/json"
	"testing"
	"time"
)

// The time of a summary has no more decimals than there are microseconds.
func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1962260 * time.Microsecond: "1.96226", 5982091 * time.Microsecond: "5.982091", 2882477 * time.Microsecond: "2.882477", 0: "0", 1500*time.Millisecond + 400: "1.5",
	} {
		if got, err := json.Marshal(seconds(d)); err != nil || string(got) != want {
			t.Errorf("%v: %s, want %s, %v", d, got, want, err)
		}
	}
}
