package frames_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// someRecord is one of a few: two of them in a row are often the same, and often
// differ in one field only.
func someRecord(random *rand.Rand) frames.Record {
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	return frames.Record{
		Time: pick("", "2026-11-22T09:00:00.000000000Z"), Peer: pick("ipc://a", "ipc://\""),
		Endpoint: pick("", "ipc://a"), User: pick("", "joe", "ann"), From: pick("", "front"), To: pick("", "front"),
	}
}

// What a record says does not depend on those before it, nor on who else uses the
// Encoder at the same time.
func TestRecordsAreTheirOwn(t *testing.T) {
	shared := frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{})
	var users sync.WaitGroup
	for seed := range uint64(4) {
		users.Go(func() {
			random := rand.New(rand.NewPCG(seed, 0))
			for i := range 2000 {
				r, m := someRecord(random), frames.Strings(fmt.Sprint(seed, i))
				want := frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{}).AppendRecord(nil, r, m)
				if got := shared.AppendRecord(nil, r, m); !bytes.Equal(got, want) {
					t.Errorf("seed %d: got  %swant %s", seed, got, want)
					return
				}
			}
		})
	}
	users.Wait()
}

// A batch of records is what each of them is alone, and reads back as it was.
func TestEncodeRecordsOfManySources(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var (
		b         frames.Batch
		want, got bytes.Buffer
		records   []frames.Record
	)
	alone := frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{})
	for i := range 2000 {
		if i == 0 || random.IntN(3) == 0 {
			records = append(records, someRecord(random))
		} else {
			records = append(records, records[i-1])
		}
		m := frames.Strings(fmt.Sprint(i))
		b.Append(m)
		want.Write(alone.AppendRecord(nil, records[i], m))
	}
	next := 0
	err := frames.NewEncoder(&got, frames.JSON, frames.EncoderOptions{}).EncodeRecords(&b, func(frames.Source) frames.Record {
		next++
		return records[next-1]
	})
	if err != nil || got.String() != want.String() {
		t.Fatalf("%v, or other lines", err)
	}
	d := frames.NewDecoder(&got, frames.JSON, frames.DecoderOptions{})
	for i, want := range records {
		b.Reset()
		if r, err := d.DecodeRecord(&b); err != nil || r != want || string(b.Next()[0]) != fmt.Sprint(i) {
			t.Fatalf("record %d: %+v, %v", i, r, err)
		}
	}
}
