package frames_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
)

// What the oracle says to JSON that is no message.
var (
	errNot   = errors.New("no message")
	errEvent = errors.New("an event, to be passed over")
)

// FuzzJSONAgainstEncodingJSON compares the decoder with one that is built on
// encoding/json: both accept the same lines and see the same frames.
func FuzzJSONAgainstEncodingJSON(f *testing.F) {
	addLines(f)
	for _, line := range eventLines() {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.ContainsRune(line, '\n') {
			t.Skip("more than one line")
		}
		got, err := frames.DecodeMessage(frames.JSON, line, frames.DecoderOptions{})
		if !utf8.Valid(line) || !json.Valid(line) {
			// encoding/json replaces bytes that are no UTF-8.
			if err == nil {
				t.Fatalf("%q is no JSON, and was read as %q", line, got)
			}
			return
		}
		if replaced(line) {
			return // here encoding/json cannot tell a lone surrogate from U+FFFD
		}
		want, wantErr := oracleLine(line)
		if (err == nil) != (wantErr == nil) || !equal(got, want) {
			t.Fatalf("%q:\n got %q, %v\nwant %q, %v", line, got, err, want, wantErr)
		}
		var b frames.Batch
		err = frames.NewDecoder(bytes.NewReader(line), frames.JSON, frames.DecoderOptions{}).Decode(&b)
		if passed := errors.Is(err, io.EOF) && b.Len() == 0; passed != errors.Is(wantErr, errEvent) {
			t.Fatalf("%q: %d messages, %v; want %v", line, b.Len(), err, wantErr)
		}
	})
}

// replaced reports whether U+FFFD stands in any string or key of the line.
func replaced(line []byte) bool {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		if s, ok := token.(string); ok && strings.ContainsRune(s, utf8.RuneError) {
			return true
		}
	}
}

func oracleLine(line []byte) (frames.Message, error) {
	switch line = bytes.TrimSpace(line); line[0] {
	case '[':
		return oracleFrames(line)
	case '"':
		frame, err := oracleFrame(line)
		return frames.Message{frame}, err
	case '{':
		var found json.RawMessage
		keys, values := oracleObject(line)
		twice := false
		for i, key := range keys {
			switch {
			case key == "event" && values[i][0] == '"':
				return nil, errEvent
			case key == "frames":
				twice = twice || found != nil
				found = values[i]
			}
		}
		if twice {
			return nil, errNot
		}
		return oracleFrames(found)
	}
	return nil, errNot
}

func oracleFrames(array json.RawMessage) (frames.Message, error) {
	var list []json.RawMessage
	if json.Unmarshal(array, &list) != nil || len(list) == 0 {
		return nil, errNot
	}
	m := frames.Message{}
	for _, element := range list {
		frame, err := oracleFrame(element)
		if err != nil {
			return nil, err
		}
		m = append(m, frame)
	}
	return m, nil
}

func oracleFrame(value json.RawMessage) ([]byte, error) {
	var s string
	if value[0] == '"' {
		err := json.Unmarshal(value, &s)
		return []byte(s), err
	}
	if value[0] != '{' {
		return nil, errNot
	}
	keys, values := oracleObject(value)
	if len(keys) != 1 {
		return nil, errNot
	}
	if keys[0] == "json" {
		var compact bytes.Buffer
		err := json.Compact(&compact, values[0])
		return compact.Bytes(), err
	}
	if values[0][0] != '"' {
		return nil, errNot
	}
	if err := json.Unmarshal(values[0], &s); err != nil {
		return nil, err
	}
	switch keys[0] {
	case "hex":
		return hex.DecodeString(s)
	case "base64":
		if strings.ContainsAny(s, "\r\n") {
			return nil, errNot
		}
		return base64.StdEncoding.Strict().DecodeString(s)
	}
	return nil, errNot
}

// oracleObject lists keys and values in their order, repeated keys too.
func oracleObject(object json.RawMessage) (keys []string, values []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(object))
	for _, err := d.Token(); err == nil && d.More(); {
		key, _ := d.Token()
		var value json.RawMessage
		err = d.Decode(&value)
		name, _ := key.(string)
		keys = append(keys, name)
		values = append(values, value)
	}
	return keys, values
}
