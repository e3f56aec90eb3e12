package ws

import (
	"strings"
	"testing"
)

// request returns one with its fields changed: "Name: value" replaces or adds one, "Name:"
// alone takes it away.
func request(line string, fields ...string) string {
	all := []string{
		"Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0", "Sec-WebSocket-Version: 13",
	}
	text := line + "\r\n"
	for _, f := range all {
		name, _, _ := strings.Cut(f, ":")
		kept := true
		for _, other := range fields {
			kept = kept && !strings.HasPrefix(other, name+":")
		}
		if kept {
			text += f + "\r\n"
		}
	}
	for _, f := range fields {
		if !strings.HasSuffix(f, ":") {
			text += f + "\r\n"
		}
	}
	return text + "\r\n"
}

// TestAnswer is what a server makes of requests; the answer of the first is that of RFC
// 6455, 1.3.
func TestAnswer(t *testing.T) {
	null, curve := Server{Path: "/", Mechanism: "NULL"}, Server{Path: "/a/b", Mechanism: "CURVE"}
	pages := Server{Path: "/", Mechanism: "NULL", Origins: []string{"null", "https://example.org"}}
	all := Server{Path: "/", Mechanism: "NULL", Origins: []string{"*"}}
	const get = "GET / HTTP/1.1"
	for name, c := range map[string]struct {
		server         Server
		in             string
		answer, failed string // how the answer begins, a part of the error
		agreed         Agreed
	}{
		"libzmq":          {null, request(get), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"accept":          {null, request(get), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "", Agreed{Mechanism: "NULL"}},
		"plain":           {null, request(get, "Sec-WebSocket-Protocol: ZWS2.0"), "\r\nSec-WebSocket-Protocol: ZWS2.0\r\n", "", Agreed{Mechanism: "NULL", Plain: true}},
		"among others":    {null, request(get, "Sec-WebSocket-Protocol: chat", "sec-websocket-protocol:  ZWS2.0/CURVE , ZWS2.0/NULL"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"firefox":         {null, request(get, "Connection: keep-alive, Upgrade"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"query":           {null, request("GET /?token=x HTTP/1.1"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"curve":           {curve, request("GET /a/b HTTP/1.1", "Sec-WebSocket-Protocol: ZWS2.0/CURVE"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "CURVE"}},
		"null to curve":   {curve, request("GET /a/b HTTP/1.1"), "\r\nSec-WebSocket-Protocol: ZWS2.0/CURVE\r\n", "", Agreed{Mechanism: "NULL"}},
		"plain to curve":  {curve, request("GET /a/b HTTP/1.1", "Sec-WebSocket-Protocol: ZWS2.0"), "HTTP/1.1 400 ", "", Agreed{Mechanism: "NULL"}},
		"curve to null":   {null, request(get, "Sec-WebSocket-Protocol: ZWS2.0/CURVE"), "HTTP/1.1 400 ", "", Agreed{Mechanism: "CURVE"}},
		"other protocol":  {null, request(get, "Sec-WebSocket-Protocol: chat\x7f\x1b"), "HTTP/1.1 400 ", "malformed HTTP", Agreed{}},
		"chat":            {null, request(get, "Sec-WebSocket-Protocol: chat"), "HTTP/1.1 400 ", `but "chat"`, Agreed{}},
		"no protocol":     {null, request(get, "Sec-WebSocket-Protocol:"), "HTTP/1.1 400 ", "does not offer", Agreed{}},
		"path":            {null, request("GET /x HTTP/1.1"), "HTTP/1.1 404 ", `the path "/x"`, Agreed{}},
		"origin":          {null, request(get, "Origin: https://evil.example"), "HTTP/1.1 403 ", `"https://evil.example"`, Agreed{}},
		"origin null":     {null, request(get, "Origin: null"), "HTTP/1.1 403 ", `"null"`, Agreed{}},
		"empty origin":    {null, request(get, "Origin: "), "HTTP/1.1 403 ", `""`, Agreed{}},
		"other origin":    {pages, request(get, "Origin: https://example.org.evil.example"), "HTTP/1.1 403 ", "evil", Agreed{}},
		"other scheme":    {pages, request(get, "Origin: http://example.org"), "HTTP/1.1 403 ", "not allowed", Agreed{}},
		"allowed null":    {pages, request(get, "Origin: null"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"allowed":         {pages, request(get, "Origin: HTTPS://Example.org"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"bare line feeds": {null, "GET / HTTP/1.1\nHost: x\n", "HTTP/1.1 400 ", "malformed HTTP", Agreed{}},
		"default port":    {Server{Path: "/", Mechanism: "NULL", Origins: []string{"https://example.org:443"}}, request(get, "Origin: https://example.org"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"other port":      {pages, request(get, "Origin: https://example.org:80"), "HTTP/1.1 403 ", ":80", Agreed{}},
		"two origins":     {pages, request(get, "Origin: null", "Origin: https://evil.example"), "HTTP/1.1 403 ", "evil", Agreed{}},
		"all allowed":     {all, request(get, "Origin: https://evil.example"), "HTTP/1.1 101 ", "", Agreed{Mechanism: "NULL"}},
		"curl":            {null, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 ", "plain HTTP request", Agreed{}},
		"post":            {null, request("POST / HTTP/1.1"), "HTTP/1.1 426 ", "plain HTTP request", Agreed{}},
		"1.0":             {null, request("GET / HTTP/1.0"), "HTTP/1.1 426 ", "plain HTTP request", Agreed{}},
		"http 2":          {null, "PRI * HTTP/2.0\r\n\r\n", "HTTP/1.1 400 ", "HTTP/1.1", Agreed{}},
		"version 8":       {null, request(get, "Sec-WebSocket-Version: 8"), "Sec-WebSocket-Version: 13\r\n", "another version", Agreed{}},
		"no key":          {null, request(get, "Sec-WebSocket-Key:"), "HTTP/1.1 400 ", "16 bytes", Agreed{}},
		"short key":       {null, request(get, "Sec-WebSocket-Key: AAAA"), "HTTP/1.1 400 ", "16 bytes", Agreed{}},
		"no colon":        {null, get + "\r\nHost\r\n\r\n", "HTTP/1.1 400 ", "malformed HTTP", Agreed{}},
		"folded":          {null, get + "\r\nHost: x\r\n y\r\n\r\n", "HTTP/1.1 400 ", "malformed HTTP", Agreed{}},
		"too long":        {null, get + "\r\n" + strings.Repeat("X: y\r\n", maxHead/6), "HTTP/1.1 400 ", "more than 16384 bytes", Agreed{}},
		"zmtp":            {null, "\xff\x00\x00", "HTTP/1.1 400 ", "both ends need tcp://", Agreed{}},
		"tls":             {null, "\x16\x03\x01", "", "TLS proxy", Agreed{}},
		"garbage":         {null, "\x00\x01", "", "does not speak WebSocket", Agreed{}},
		"lower case":      {null, "get / HTTP/1.1", "", "does not speak WebSocket", Agreed{}},
		"no method":       {null, " / HTTP/1.1", "", "does not speak WebSocket", Agreed{}},
		"a long method":   {null, strings.Repeat("A", 17), "", "does not speak WebSocket", Agreed{}},
		"part of request": {null, "GET / HT", "", "", Agreed{}},
	} {
		size, answer, agreed, err := c.server.Answer([]byte(c.in))
		failed := ""
		if err != nil {
			failed = err.Error()
		}
		if !strings.Contains(string(answer), c.answer) || (answer == nil) != (c.answer == "") || !strings.Contains(failed, c.failed) || (failed == "") != (c.failed == "") || agreed != c.agreed {
			t.Errorf("%s: %d bytes, %+v, error %q, answer\n%s", name, size, agreed, failed, answer)
		}
		if err == nil && c.answer != "" && size != len(c.in) {
			t.Errorf("%s: a request of %d bytes, want %d", name, size, len(c.in))
		}
	}
}

// TestAnswerWaits: a request is judged once it is whole, whatever follows it.
func TestAnswerWaits(t *testing.T) {
	s := Server{Path: "/", Mechanism: "NULL"}
	whole := request("GET / HTTP/1.1")
	for n := range whole {
		if size, answer, _, err := s.Answer([]byte(whole[:n])); size != 0 || answer != nil || err != nil {
			t.Fatalf("%d of %d bytes: %q %v", n, len(whole), answer, err)
		}
	}
	if size, _, _, err := s.Answer([]byte(whole + "more")); size != len(whole) || err != nil {
		t.Error(size, err)
	}
}

// answer returns that of a server, with a field changed.
func answer(line, accept string, fields ...string) string {
	text := line + "\r\n"
	for _, f := range append([]string{"Upgrade: WebSocket", "connection: upgrade", "Sec-WebSocket-Accept: " + accept}, fields...) {
		text += f + "\r\n"
	}
	return text + "\r\n"
}

// TestJudge is what a client makes of answers.
func TestJudge(t *testing.T) {
	const ok = "HTTP/1.1 101 Switching Protocols"
	for name, c := range map[string]struct {
		mechanism, in, failed string
		agreed                Agreed
	}{
		"libzmq":         {"NULL", answer(ok, "ACCEPT", "Sec-WebSocket-Protocol: ZWS2.0/NULL"), "", Agreed{Mechanism: "NULL"}},
		"jszmq":          {"NULL", answer(ok, "ACCEPT", "Sec-WebSocket-Protocol: ZWS2.0"), "", Agreed{Mechanism: "NULL", Plain: true}},
		"zcat":           {"CURVE", answer(ok, "ACCEPT", "Sec-WebSocket-Protocol: ZWS2.0/CURVE", "Server: zcat"), "", Agreed{Mechanism: "CURVE", Polite: true}},
		"asked for any":  {"", answer(ok, "ACCEPT", "Sec-WebSocket-Protocol: ZWS2.0/PLAIN"), "", Agreed{Mechanism: "PLAIN"}},
		"other":          {"CURVE", answer("HTTP/1.1 400 Bad Request", "", "Sec-WebSocket-Protocol: ZWS2.0/NULL"), "", Agreed{Mechanism: "NULL"}},
		"plain to curve": {"CURVE", answer(ok, "ACCEPT", "Sec-WebSocket-Protocol: ZWS2.0"), "was not offered", Agreed{}},
		"chat":           {"NULL", answer(ok, "ACCEPT", "Sec-WebSocket-Protocol: chat"), `"chat", which was not offered`, Agreed{}},
		"no protocol":    {"NULL", answer(ok, "ACCEPT"), "no ZeroMQ socket", Agreed{}},
		"wrong accept":   {"NULL", answer(ok, "AAAA", "Sec-WebSocket-Protocol: ZWS2.0"), "not that of a WebSocket", Agreed{}},
		"web server":     {"NULL", "HTTP/1.1 200 OK\r\n\r\n", `"200 OK": it is a web server`, Agreed{}},
		"404":            {"NULL", "HTTP/1.1 404 Not Found\r\n\r\n", "nothing at the path /p (404)", Agreed{}},
		"403":            {"NULL", "HTTP/1.1 403 Forbidden\r\n\r\n", "refused us (403)", Agreed{}},
		"400":            {"NULL", "HTTP/1.0 400 Bad\r\n\r\n", "it is a web server", Agreed{}},
		"503":            {"NULL", "HTTP/1.1 503 Service Unavailable\r\n\r\n", "503", Agreed{}},
		"zmtp":           {"NULL", "\xff\x00", "both ends need tcp://", Agreed{}},
		"tls":            {"NULL", "\x15\x03", "TLS proxy", Agreed{}},
		"ssh":            {"NULL", "SSH-2.0\x1b[31m", `it began with "SSH-2.0\x1b[31m"`, Agreed{}},
		"too long":       {"NULL", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", maxHead/6), "more than 16384 bytes", Agreed{}},
		"old WebSocket":  {"NULL", "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 7, 8\r\n\r\n", `speaks version "7, 8" of WebSocket, this side 13`, Agreed{}},
		"old ZWS":        {"NULL", "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Protocol: ZWS1.0\r\n\r\n", `"400 Bad Request": it speaks the subprotocol "ZWS1.0", this side ZWS2.0`, Agreed{}},
		"upgrade":        {"NULL", "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n\r\n", `"426 Upgrade Required": it is a web server`, Agreed{}},
		"half":           {"NULL", "HTTP/1.1 101 S", "", Agreed{}},
	} {
		client := Client{Host: "h:1", Path: "/p", Mechanism: c.mechanism}
		asked := string(client.Request())
		if !strings.HasPrefix(asked, "GET /p HTTP/1.1\r\nHost: h:1\r\n") {
			t.Fatal(asked)
		}
		_, agreed, err := client.Judge([]byte(strings.Replace(c.in, "ACCEPT", acceptOf(client.key), 1)))
		failed := ""
		if err != nil {
			failed = err.Error()
			if err.Temporary != (name == "503") {
				t.Errorf("%s: temporary: %v", name, err.Temporary)
			}
		}
		if agreed != c.agreed || !strings.Contains(failed, c.failed) || (failed == "") != (c.failed == "") {
			t.Errorf("%s: %+v, error %q", name, agreed, failed)
		}
	}
}

// TestClientMeetsServer: each understands the other, with every mechanism.
func TestClientMeetsServer(t *testing.T) {
	for _, mechanism := range []string{"NULL", "PLAIN", "CURVE"} {
		client := Client{Host: "h:1", Path: "/", Mechanism: mechanism}
		server := Server{Path: "/", Mechanism: mechanism}
		_, answer, theirs, failed := server.Answer(client.Request())
		if failed != nil || theirs != (Agreed{Mechanism: mechanism, Polite: true}) {
			t.Fatal(theirs, failed)
		}
		if size, ours, failed := client.Judge(answer); failed != nil || size != len(answer) || ours != (Agreed{Mechanism: mechanism, Polite: true}) {
			t.Error(size, ours, failed)
		}
	}
}
