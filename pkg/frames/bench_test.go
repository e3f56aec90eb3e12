package frames

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// lineKinds are lines of about 90 bytes, of the kinds that are piped through zcat
// by the million.
func lineKinds() map[string]string {
	return map[string]string{
		"json/plain":   `["weather.stockholm.1234","{temperature: -4.25, humidity: 0.83, station: north-harbour-07}"]`,
		"json/escapes": `["weather","{\"t\":-4.25,\"h\":0.83,\"s\":\"north\\harbour\",\"note\":\"a\tb\nc\u0001d\"}"]`,
		"json/unicode": `["väder.malmö","{temperatur: −4,25 °C, fuktighet: 83 %, station: Norra hamnen åäö 🌍}"]`,
		"json/hex":     `["weather.stockholm.1234",{"hex":"00ff` + strings.Repeat("8badf00d", 14) + `"}]`,
		"hex":          hex.EncodeToString([]byte("weather.stockholm.1234")) + " " + hex.EncodeToString(bytes.Repeat([]byte("temperature"), 6)),
		"text":         "weather.stockholm.1234\t{temperature: -4.25, humidity: 0.83, station: north-harbour-07}",
	}
}

func kindFormat(kind string) Format {
	f, _ := ParseFormat(strings.Split(kind, "/")[0])
	return f
}

// loop repeats a text without end.
type loop struct {
	text []byte
	at   int
}

func (l *loop) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], l.text[l.at:])
		n += c
		if l.at += c; l.at == len(l.text) {
			l.at = 0
		}
	}
	return n, nil
}

// BenchmarkDecode decodes text to wire form, one message in each operation.
func BenchmarkDecode(b *testing.B) {
	for kind, line := range lineKinds() {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(line) + 1))
			d := NewDecoder(&loop{text: []byte(strings.Repeat(line+"\n", 1000))}, kindFormat(kind), DecoderOptions{})
			var batch Batch
			for n := 0; n < b.N; n += batch.Len() {
				batch.Reset()
				if err := d.Decode(&batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode encodes a batch as text, one message in each operation.
func BenchmarkEncode(b *testing.B) {
	for kind, line := range lineKinds() {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(line) + 1))
			f := kindFormat(kind)
			var batch Batch
			if err := NewDecoder(strings.NewReader(strings.Repeat(line+"\n", 1000)), f, DecoderOptions{}).Decode(&batch); err != nil {
				b.Fatal(err)
			}
			e := NewEncoder(discard{}, f, EncoderOptions{})
			var out Batch
			for n := 0; n < b.N; n += batch.Len() {
				out.AppendBatch(&batch)
				if err := e.EncodeBatch(&out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncodeRecords is from a batch to records, a message an operation: from one
// peer, where the head of a record is made once, and from two by turns, where it is made
// for each: that more than doubles the time.
func BenchmarkEncodeRecords(b *testing.B) {
	for _, peers := range []int{1, 2} {
		b.Run(fmt.Sprintf("peers/%d", peers), func(b *testing.B) {
			b.ReportAllocs()
			m := Strings("weather.stockholm.1234", "{temperature: -4.25, humidity: 0.83, station: north-harbour-07}")
			var batch, out Batch
			for i := range 1000 {
				batch.AppendFrom(Source{Peer: fmt.Sprintf("tcp://127.0.0.1:5341%d", i%peers), Endpoint: "tcp://127.0.0.1:5555", User: "joe"}, m)
			}
			record := func(s Source) Record {
				return Record{Time: "2026-11-22T09:00:00.000000000Z", Peer: s.Peer, Endpoint: s.Endpoint, User: s.User, From: "front"}
			}
			e := NewEncoder(discard{}, JSON, EncoderOptions{})
			for n := 0; n < b.N; n += batch.Len() {
				out.AppendBatch(&batch)
				if err := e.EncodeRecords(&out, record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeOrders is from a router's records to orders, a message an operation: of
// one peer, whose lines begin alike, and of two by turns, where each beginning is read.
func BenchmarkDecodeOrders(b *testing.B) {
	for _, peers := range []int{1, 2} {
		b.Run(fmt.Sprintf("peers/%d", peers), func(b *testing.B) {
			b.ReportAllocs()
			text := ""
			for i := range 1000 {
				text += fmt.Sprintf(`{"time":"2026-11-22T09:00:00.000000000Z","peer":"tcp://127.0.0.1:5341%d","endpoint":"tcp://127.0.0.1:5555","from":"r","frames":[{"hex":"0080a4c85%d"},"",%q]}`+"\n", i%peers, i%peers, strings.Repeat("x", 100))
			}
			d := NewDecoder(&loop{text: []byte(text)}, JSON, DecoderOptions{})
			var batch Batch
			for n := 0; n < b.N; {
				err := d.DecodeOrders(&batch, func(*Order) error {
					n++
					batch.Reset()
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkScanString compares eight bytes at a time with one. It buys a factor
// of three at 20 bytes and of four from 70 on.
func BenchmarkScanString(b *testing.B) {
	for _, n := range []int{5, 20, 70, 1000} {
		text := []byte(strings.Repeat("a", n) + `"` + strings.Repeat(" ", slack))
		b.Run(fmt.Sprintf("words/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if end, ascii := scanString(text, 0); end != n || !ascii {
					b.Fatal(end)
				}
			}
		})
		b.Run(fmt.Sprintf("bytes/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				end, ascii := 0, true
				for ; !isSpecial(text[end]); end++ {
					ascii = ascii && text[end] < 0x80
				}
				if end != n || !ascii {
					b.Fatal(end)
				}
			}
		})
	}
}
