package frames_test

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/apiwalk"
)

// Nothing panics, whatever it is called with.
func TestNothingPanics(t *testing.T) {
	full := func() *frames.Batch {
		return batchOf(frames.Strings("id", "", "\xff\x00"), frames.Strings(""))
	}
	apiwalk.API{
		Dir: ".",
		Funcs: map[string]any{
			"AppendJSONString": frames.AppendJSONString, "DecodeMessage": frames.DecodeMessage, "EncodeMessage": frames.EncodeMessage,
			"FormatBytes": frames.FormatBytes, "Formats": frames.Formats, "Join": frames.Join, "NewDecoder": frames.NewDecoder, "NewEncoder": frames.NewEncoder,
			"ParseArgs": frames.ParseArgs, "ParseBytes": frames.ParseBytes, "ParseFormat": frames.ParseFormat,
			"Split": frames.Split, "SplitRouted": frames.SplitRouted, "Strings": frames.Strings,
			"range over Batch.Messages": func(b frames.Batch) {
				for m := range b.Messages() {
					for range b.Sources() {
						_ = m.Clone()
					}
				}
			},
		},
		Types: []any{
			(*frames.Batch)(nil), (*frames.Decoder)(nil), (*frames.Encoder)(nil), (*frames.Format)(nil),
			(*frames.LineError)(nil), (*frames.Message)(nil),
		},
		Values: []any{
			full, func() frames.Batch { return *full() },
			func() frames.Message { return frames.Message{nil} },
			func() frames.Message { return frames.Strings("id", "", "body") },
			func() *frames.Message { return &frames.Message{nil, {1}} },
			func() []byte { return []byte("hex:0") }, func() []byte { return []byte{0xff, 0} },
			func() string { return "hex:0" }, func() string { return "\xff" }, func() string { return "json" },
			func() []string { return []string{"", "-", "0g", "00"} },
			func() int { return -1 }, func() int { return 1 }, func() int { return math.MaxInt }, func() int { return math.MinInt },
			func() frames.Format { return frames.Hex }, func() frames.Format { return frames.Text },
			func() frames.Format { return frames.Raw }, func() frames.Format { return frames.Format(len(frames.Formats())) }, func() frames.Format { return 255 },
			func() frames.DecoderOptions { return frames.DecoderOptions{MaxSize: -1, MinFrames: -1} },
			func() frames.DecoderOptions {
				return frames.DecoderOptions{MaxSize: math.MaxInt, MinFrames: math.MaxInt}
			},
			func() frames.DecoderOptions { return frames.DecoderOptions{Separator: []byte{}, Delimiter: []byte{}} },
			func() frames.EncoderOptions { return frames.EncoderOptions{Separator: []byte{}, Delimiter: []byte{}} },
			func() io.Reader { return strings.NewReader("[\"a\"]\n[") }, func() io.Writer { return io.Discard },
			func() *frames.Decoder { return frames.NewDecoder(nil, frames.JSON, frames.DecoderOptions{}) },
			func() *frames.Decoder { return frames.NewDecoder(nil, frames.Raw, frames.DecoderOptions{}) },
			func() *frames.Decoder {
				return frames.NewDecoder(strings.NewReader("[\"a\"]\n["), 99, frames.DecoderOptions{})
			},
			func() *frames.Decoder {
				return frames.NewDecoder(strings.NewReader("[\"a\"]\n["), frames.JSON, frames.DecoderOptions{})
			},
			func() *frames.Encoder { return frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{}) },
			func() *frames.Encoder { return frames.NewEncoder(io.Discard, frames.Hex, frames.EncoderOptions{}) },
			func() *frames.Encoder { return frames.NewEncoder(io.Discard, 9, frames.EncoderOptions{}) },
			func() frames.Record { return frames.Record{Time: "\xff", From: "front"} },
			func() frames.Source { return frames.Source{Peer: "tcp://127.0.0.1:1"} },
			func() func(frames.Source) frames.Record {
				return func(s frames.Source) frames.Record { return frames.Record{Peer: s.Peer} }
			},
		},
	}.Walk(t)
}
