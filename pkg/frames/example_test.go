package frames_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
)

// A stream of JSON lines becomes messages; a bad line is skipped.
func ExampleDecoder() {
	input := `["weather","sunny"]
"one frame"
oops
[{"hex":"00ff"},{"json": {"t": 21.5}}]
`
	d := frames.NewDecoder(strings.NewReader(input), frames.JSON, frames.DecoderOptions{})
	var b frames.Batch
	for {
		err := d.Decode(&b)
		for m := b.Next(); m != nil; m = b.Next() {
			fmt.Printf("%q\n", m)
		}
		var bad *frames.LineError
		if errors.As(err, &bad) {
			fmt.Println("skipped line", bad.Line)
		} else if errors.Is(err, io.EOF) {
			break
		}
	}
	// Output:
	// ["weather" "sunny"]
	// ["one frame"]
	// skipped line 3
	// ["\x00\xff" "{\"t\":21.5}"]
}

// Every format writes the same message in its own way.
func ExampleEncoder() {
	message := frames.Strings("id", "", "h\u00e9llo", "\xff")
	for _, f := range []frames.Format{frames.JSON, frames.Hex} {
		if err := frames.NewEncoder(os.Stdout, f, frames.EncoderOptions{}).Encode(message); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// ["id","","héllo",{"hex":"ff"}]
	// 6964 - 68c3a96c6c6f ff
}

// A record tells where a message came from.
func ExampleEncoder_EncodeRecords() {
	var b frames.Batch
	b.AppendFrom(frames.Source{Peer: "tcp://127.0.0.1:53412", Endpoint: "tcp://127.0.0.1:5555", User: "joe"}, frames.Strings("hello"))
	e := frames.NewEncoder(os.Stdout, frames.JSON, frames.EncoderOptions{})
	err := e.EncodeRecords(&b, func(s frames.Source) frames.Record {
		return frames.Record{Time: "2026-11-22T09:00:00.000000000Z", Peer: s.Peer, Endpoint: s.Endpoint, User: s.User}
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"time":"2026-11-22T09:00:00.000000000Z","peer":"tcp://127.0.0.1:53412","endpoint":"tcp://127.0.0.1:5555","user":"joe","frames":["hello"]}
}

// A batch holds many messages in one buffer. They come out of it as views: a
// message that is to be kept is cloned.
func ExampleBatch_Messages() {
	var b frames.Batch
	b.Append(frames.Strings("job", "wash"))
	b.Append(frames.Strings("job", "dry"))
	var kept []frames.Message
	for m := range b.Messages() {
		kept = append(kept, m.Clone())
	}
	fmt.Printf("%q\n%d of them\n", kept, b.Len())
	// Output:
	// [["job" "wash"] ["job" "dry"]]
	// 2 of them
}

func ExampleDecodeMessage() {
	m, err := frames.DecodeMessage(frames.Hex, []byte("6964 - 00ff"), frames.DecoderOptions{})
	fmt.Printf("%q %v\n", m, err)
	_, err = frames.DecodeMessage(frames.JSON, []byte(`["a",12]`), frames.DecoderOptions{})
	fmt.Println(err)
	// Output:
	// ["id" "" "\x00\xff"] <nil>
	// column 6: expected a string, {"hex":...}, {"base64":...} or {"json":...} as a frame, found '1'
}

// A reply goes back by the envelope of its request.
func ExampleSplit() {
	request := frames.Strings("client-7", "", "what time is it")
	envelope, body, _ := frames.Split(request)
	fmt.Printf("%q\n", body)
	fmt.Printf("%q\n", frames.Join(envelope, frames.Strings("noon")))
	// Output:
	// ["what time is it"]
	// ["client-7" "" "noon"]
}

func ExampleFormatBytes() {
	fmt.Println(frames.FormatBytes([]byte("worker-1")))
	fmt.Println(frames.FormatBytes([]byte{0, 0xff}))
	// Output:
	// worker-1
	// hex:00ff
}
