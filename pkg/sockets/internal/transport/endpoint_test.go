package transport

import (
	"runtime"
	"strings"
	"testing"
)

// C83: the texts that Parse accepts, and their canonical forms.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"tcp://127.0.0.1:5555":             "tcp://127.0.0.1:5555",
		"tcp://127.0.0.1:*":                "tcp://127.0.0.1:*",
		"tcp://127.0.0.1:0":                "tcp://127.0.0.1:*",
		"tcp://127.0.0.1:65535":            "tcp://127.0.0.1:65535",
		"tcp://127.0.0.1:05555":            "tcp://127.0.0.1:5555",
		"tcp://localhost:5555":             "tcp://localhost:5555",
		"tcp://my-host_1.example.org.:1":   "tcp://my-host_1.example.org.:1",
		"tcp://eth0.100:5555":              "tcp://eth0.100:5555",
		"tcp://lo:5555":                    "tcp://lo:5555",
		"tcp://*:5555":                     "tcp://*:5555",
		"tcp://*:*":                        "tcp://*:*",
		"tcp://[::1]:5555":                 "tcp://[::1]:5555",
		"tcp://[0:0:0::1]:5555":            "tcp://[::1]:5555",
		"tcp://[fe80::1%eth0]:5555":        "tcp://[fe80::1%eth0]:5555",
		"tcp://[::ffff:127.0.0.1]:5555":    "tcp://[::ffff:127.0.0.1]:5555",
		"tcp://[::]:*":                     "tcp://[::]:*",
		"tcp://:5555":                      "tcp://127.0.0.1:5555",
		"tcp://:*":                         "tcp://127.0.0.1:*",
		":5555":                            "tcp://127.0.0.1:5555",
		"localhost:5555":                   "tcp://localhost:5555",
		"10.0.0.1:*":                       "tcp://10.0.0.1:*",
		"[::1]:0":                          "tcp://[::1]:*",
		":0":                               "tcp://127.0.0.1:*",
		"*:5555":                           "tcp://*:5555",
		"*:*":                              "tcp://*:*",
		"tcp://127.0.0.1:0;127.0.0.1:5555": "tcp://127.0.0.1:*;127.0.0.1:5555",
		"tcp://eth0:*;[::1]:5555":          "tcp://eth0:*;[::1]:5555",
		"tcp://*:7000;localhost:5555":      "tcp://*:7000;localhost:5555",
		"ipc:///tmp/a.sock":                "ipc:///tmp/a.sock",
		"ipc://a.sock":                     "ipc://a.sock",
		"ipc://*":                          "ipc://*",
		"ipc://@name":                      "ipc://@name",
		"@name":                            "ipc://@name",
		"/tmp/a.sock":                      "ipc:///tmp/a.sock",
		"./a.sock":                         "ipc://./a.sock",
		"../a.sock":                        "ipc://../a.sock",
		"/tmp/a://b":                       "ipc:///tmp/a://b",
		"inproc://name":                    "inproc://name",
		"inproc://a b;c:*":                 "inproc://a b;c:*",
	} {
		e, err := Parse(text)
		switch {
		case err != nil:
			t.Errorf("%q: %v", text, err)
		case e.String() != want:
			t.Errorf("%q is %q, want %q", text, e, want)
		case !strings.HasPrefix(want, e.Scheme()+"://"):
			t.Errorf("%q has the scheme %q", text, e.Scheme())
		}
	}
}

// C83: the texts that Parse refuses, the reasons, and the hints.
func TestParseRefuses(t *testing.T) {
	long := strings.Repeat("p", maxPath())
	for text, want := range map[string]string{
		"":                                      `it has no scheme; try tcp://127.0.0.1:5555`,
		"5555":                                  `it has no scheme; try tcp://127.0.0.1:5555`,
		"8080":                                  `it has no scheme; try tcp://127.0.0.1:8080`,
		"host":                                  `it has no scheme; try tcp://127.0.0.1:5555`,
		"host:99999":                            `the port "99999" is not a number from 0 to 65535, nor *; try tcp://host:5555`,
		"host:":                                 `it has no port; try tcp://host:5555`,
		"::1:7000":                              `an IPv6 address stands in brackets; try tcp://[::1]:7000`,
		"tcp:7000":                              `it has no scheme; try tcp://127.0.0.1:7000`,
		"tcp:host:7000":                         `it has no scheme; try tcp://host:7000`,
		"tcp:/host:7000":                        `it has no scheme; try tcp://host:7000`,
		"ipc:a":                                 `it has no scheme; try ipc://a`,
		"a:1;b:2":                               `it has no scheme; try tcp://a:1;b:2`,
		"tmp/a.sock":                            `it has no scheme; try ipc://tmp/a.sock`,
		"://":                                   `unknown scheme "", there are tcp, ipc, inproc, ws and fd; try tcp://127.0.0.1:5555`,
		"udp://127.0.0.1:5555":                  `unknown scheme "udp", there are tcp, ipc, inproc, ws and fd; try tcp://127.0.0.1:5555`,
		"TCP://127.0.0.1:5555":                  `unknown scheme "TCP", there are tcp, ipc, inproc, ws and fd; try tcp://127.0.0.1:5555`,
		"tcp://":                                `it has no host and no port; try tcp://127.0.0.1:5555`,
		"tcp://;127.0.0.1:5555":                 `it has no host and no port; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1:1;":                    `it has no host and no port; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1":                       `it has no port; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1:":                      `it has no port; try tcp://127.0.0.1:5555`,
		"tcp://myhost":                          `it has no port; try tcp://myhost:5555`,
		"tcp://[::1]":                           `it has no port; try tcp://[::1]:5555`,
		":":                                     `it has no port; try tcp://127.0.0.1:5555`,
		"*:":                                    `it has no port; try tcp://*:5555`,
		"tcp://127.0.0.1:70000":                 `the port "70000" is not a number from 0 to 65535, nor *; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1:65536":                 `the port "65536" is not a number from 0 to 65535, nor *; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1:-1":                    `the port "-1" is not a number from 0 to 65535, nor *; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1:+1":                    `the port "+1" is not a number from 0 to 65535, nor *; try tcp://127.0.0.1:5555`,
		"tcp://myhost:5x":                       `the port "5x" is not a number from 0 to 65535, nor *; try tcp://myhost:5555`,
		":5x":                                   `the port "5x" is not a number from 0 to 65535, nor *; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.1:80/path":               `it has more after the port than a tcp endpoint can have; try tcp://127.0.0.1:80`,
		"tcp://127.0.0.1:5555/":                 `it has more after the port than a tcp endpoint can have; try tcp://127.0.0.1:5555`,
		"@tcp://127.0.0.1:80":                   `it begins with "@", where the flag says whether to bind or connect; try tcp://127.0.0.1:80`,
		"@ipc://a":                              `it begins with "@", where the flag says whether to bind or connect; try ipc://a`,
		">tcp://127.0.0.1:80":                   `it begins with ">", where the flag says whether to bind or connect; try tcp://127.0.0.1:80`,
		">ipc:///tmp/a.sock":                    `it begins with ">", where the flag says whether to bind or connect; try ipc:///tmp/a.sock`,
		">localhost:80":                         `it begins with ">", where the flag says whether to bind or connect; try tcp://localhost:80`,
		"+tcp://h:80":                           `it begins with "+", where the flag says whether to bind or connect; try tcp://h:80`,
		"ipc:/tmp/a.sock":                       `it has no scheme; try ipc:///tmp/a.sock`,
		"ipc:./a.sock":                          `it has no scheme; try ipc://./a.sock`,
		"ipc:@name":                             `it has no scheme; try ipc://@name`,
		"tcp://a:1,tcp://b:2":                   `it is more than one endpoint; each needs a flag of its own; try tcp://a:1 and tcp://b:2`,
		"@tcp://a:1,>ipc://b,tcp://c:3x":        `it is more than one endpoint; each needs a flag of its own; try tcp://a:1 and ipc://b and tcp://c:5555`,
		"a:1,b:2":                               `it is more than one endpoint; each needs a flag of its own; try tcp://a:1 and tcp://b:2`,
		" tcp://a:1":                            `it has blanks around it; try tcp://a:1`,
		"http://a:80/path":                      `unknown scheme "http", there are tcp, ipc, inproc, ws and fd; try ws://a:80/path`,
		"http://a/path":                         `unknown scheme "http", there are tcp, ipc, inproc, ws and fd; try ws://a:8080/path`,
		"websocket://a:80":                      `unknown scheme "websocket", there are tcp, ipc, inproc, ws and fd; try ws://a:80`,
		"WS://a:80":                             `unknown scheme "WS", there are tcp, ipc, inproc, ws and fd; try ws://a:80`,
		"https://joe@a:80/p?q#x":                `unknown scheme "https", there are tcp, ipc, inproc, ws and fd; try ws://a:80`,
		"WSS://a:443/p":                         "ws:// has no TLS: a TLS proxy in front of it speaks wss://, and CURVE encrypts without one; try ws://a:443/p",
		"ws+unix:///tmp/x":                      "ws:// is over tcp; between processes of one machine, ipc needs no WebSocket; try ipc:///tmp/x",
		"wss://a:443/p":                         "ws:// has no TLS: a TLS proxy in front of it speaks wss://, and CURVE encrypts without one; try ws://a:443/p",
		"ws:/a:80/p":                            "it has no scheme; try ws://a:80/p",
		"ws:a:80":                               "it has no scheme; try ws://a:80",
		"ws//a:80/p":                            "it has no scheme; try ws://a:80/p",
		"ws;//a:80":                             "it has no scheme; try ws://a:80",
		`ws:\\a:80`:                             "it has no scheme; try ws://a:80",
		"tcp//a:80":                             "it has no scheme; try tcp://a:80",
		"ipc//tmp/a.sock":                       "it has no scheme; try ipc://tmp/a.sock",
		"ws://":                                 "it has no host and no port; try ws://127.0.0.1:8080",
		"ws:///p":                               "it has no host and no port; try ws://127.0.0.1:8080",
		"ws://a":                                "it has no port; try ws://a:8080",
		"ws://a/p":                              "it has no port; try ws://a:8080/p",
		"ws://a:/p":                             "it has no port; try ws://a:8080/p",
		"ws://a:80x/p":                          `the port "80x" is not a number from 0 to 65535, nor *; try ws://a:8080/p`,
		"ws://::1:80/":                          "an IPv6 address stands in brackets; try ws://[::1]:80",
		"ws://a:80/a b":                         `its path has the character ' ': what is no part of a URL's path is written as %20; try ws://a:80`,
		"ws://a:80/#x":                          `its path has the character '#': what is no part of a URL's path is written as %23; try ws://a:80`,
		"ws://a:80#x":                           `its path has the character '#': what is no part of a URL's path is written as %23; try ws://a:80`,
		"ws://a?x":                              `it has no port; try ws://a:8080/?x`,
		"ws://a:80/é":                           `its path has the character 'é': what is no part of a URL's path is written as %C3%A9; try ws://a:80`,
		"nats://joe@a:4222":                     `unknown scheme "nats", there are tcp, ipc, inproc, ws and fd; try tcp://a:4222`,
		"unix:///tmp/a.sock":                    `unknown scheme "unix", there are tcp, ipc, inproc, ws and fd; try ipc:///tmp/a.sock`,
		"unix:/tmp/a.sock":                      `it has no scheme; try ipc:///tmp/a.sock`,
		"UNIX-LISTEN:/tmp/a.sock,fork":          `it has no scheme; try ipc:///tmp/a.sock`,
		"ABSTRACT-CONNECT:name":                 `it has no scheme; try ipc://@name`,
		"TCP:localhost:80":                      `it has no scheme; try tcp://localhost:80`,
		"tcp4:127.0.0.1:80":                     `it has no scheme; try tcp://127.0.0.1:80`,
		"tcp://1:2;h:4":                         `"1" is not an IPv4 address; try tcp://127.0.0.1:2`,
		"tcp://h:1;i:2;j:3":                     `"i:2;j" is not a host name; try tcp://127.0.0.1:3`,
		"tcp://a:b:3":                           `"a:b" is not a host name; try tcp://127.0.0.1:3`,
		"tcp://::1:5555":                        `an IPv6 address stands in brackets; try tcp://[::1]:5555`,
		"tcp://[::1:5555":                       `"[::1" is not an IPv6 address in brackets; try tcp://127.0.0.1:5555`,
		"tcp://[127.0.0.1]:5555":                `"[127.0.0.1]" is not an IPv6 address in brackets; try tcp://127.0.0.1:5555`,
		"tcp://[fe80::1%a;b]:555":               `"b]" is not a host name; try tcp://127.0.0.1:555`,
		"tcp://256.1.1.1:5555":                  `"256.1.1.1" is not an IPv4 address; try tcp://127.0.0.1:5555`,
		"tcp://127.0.0.01:5555":                 `"127.0.0.01" is not an IPv4 address; try tcp://127.0.0.1:5555`,
		"tcp://a b:5555":                        `"a b" is not a host name; try tcp://127.0.0.1:5555`,
		"tcp://*.org:5555":                      `"*.org" is not a host name; try tcp://127.0.0.1:5555`,
		"tcp://\xff:5555":                       `"\xff" is not a host name; try tcp://127.0.0.1:5555`,
		"ipc://":                                `it has no path; try ipc:///tmp/zcat.sock`,
		"ipc://@":                               `the abstract name is empty; try ipc://@name`,
		"@":                                     `the abstract name is empty; try ipc://@name`,
		"ipc://" + long + "p":                   `bytes and a unix socket's at most`,
		"ipc://a\x00b":                          `it holds a control character; try tcp://127.0.0.1:5555`,
		"inproc://a\nb":                         `it holds a control character; try tcp://127.0.0.1:5555`,
		"inproc://":                             `it has no name; try inproc://name`,
		"inproc://" + strings.Repeat("n", 1024): `it has 1033 bytes, more than 1024; try tcp://127.0.0.1:5555`,
		"tcp://" + strings.Repeat("h", 254) + ":5555": `the host has 254 bytes, more than 253; try tcp://127.0.0.1:5555`,
	} {
		e, err := Parse(text)
		if err == nil {
			t.Errorf("%q was taken for %q", text, e)
			continue
		}
		checkRefusal(t, err, want)
	}
	if _, err := Parse("ipc://" + long); err != nil {
		t.Error(err)
	}
}

// checkRefusal checks that err has the text want and that its hint would have
// worked.
func checkRefusal(tb testing.TB, err error, want string) {
	tb.Helper()
	if err == nil {
		tb.Errorf("no error, want %q", want)
		return
	}
	if !strings.Contains(err.Error(), want) {
		tb.Errorf("%v\nwant %s", err, want)
	}
	at := strings.LastIndex(err.Error(), "; try ")
	if at < 0 {
		tb.Errorf("%v: no hint", err)
		return
	}
	for _, offered := range strings.Split(err.Error()[at+len("; try "):], " and ") {
		if e, err := Parse(offered); err != nil || e.String() != offered {
			tb.Errorf("the hint %q is %v, %v", offered, e, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ text, bind, connect string }{
		{"tcp://127.0.0.1:5555", "", ""},
		{"tcp://0.0.0.0:5555", "", ""}, // a wildcard bind is reported as this
		{"tcp://localhost:5555", "", ""},
		{"tcp://*:5555", "", `the host "*" is every interface at a bind; a connect needs one host; try tcp://127.0.0.1:5555`},
		{"tcp://*:0", "", `the host "*" is every interface at a bind; a connect needs one host; try tcp://127.0.0.1:5555`},
		{"tcp://myhost:*", "", `port 0 and "*" stand for any free port at a bind; a connect needs the port itself; try tcp://myhost:5555`},
		{"tcp://myhost:0", "", `port 0 and "*" stand for any free port at a bind; a connect needs the port itself; try tcp://myhost:5555`},
		{"tcp://lo:0;myhost:*", "a source address is for connecting only; try tcp://myhost:*", `a connect needs the port itself; try tcp://lo:*;myhost:5555`},
		{"tcp://127.0.0.1:0;127.0.0.1:7000", "a source address is for connecting only; try tcp://127.0.0.1:7000", ""},
		{"tcp://*:0;127.0.0.1:7000", "a source address is for connecting only; try tcp://127.0.0.1:7000", ""},
		{"ipc:///tmp/a.sock", "", ""},
		{"ipc://*", "", `"*" stands for a temporary path at a bind; a connect needs the path itself; try ipc:///tmp/zcat.sock`},
		{"inproc://name", "", ""},
	} {
		e := parse(t, c.text)
		for _, side := range []struct {
			err  error
			want string
		}{{e.CheckBind(), c.bind}, {e.CheckConnect(), c.connect}} {
			if side.want != "" {
				checkRefusal(t, side.err, side.want)
			} else if side.err != nil {
				t.Error(side.err)
			}
		}
	}
	e := parse(t, "@name")
	for _, err := range []error{e.CheckBind(), e.CheckConnect()} {
		if runtime.GOOS != "linux" {
			checkRefusal(t, err, "only Linux has abstract names; try ipc:///tmp/name")
		} else if err != nil {
			t.Error(err)
		}
	}
}

// Endpoints that the checks refuse are refused by Listen and Dial too.
func TestListenAndDialCheck(t *testing.T) {
	_, err := parse(t, "tcp://*:0;127.0.0.1:7000").Listen(t.Context())
	checkRefusal(t, err, "a source address")
	_, err = parse(t, "tcp://*:7000").Dial(t.Context())
	checkRefusal(t, err, "every interface")
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"tcp://127.0.0.1:5555", "tcp://[fe80::1%eth0]:*", ":5", "*:0", "tcp://a:1;b:2", "ipc://@x",
		"@x", "./p", "ipc://*", "inproc://n", "tcp://[::ffff:1.2.3.4]:5", "host:5x", "/a://b", "tcp://é:1", "tcp://1:0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			checkRefusal(t, err, "endpoint ")
			return
		}
		again, err := Parse(e.String())
		if err != nil || again != e {
			t.Errorf("%q is %#v, but its text %q is %#v, %v", text, e, e, again, err)
		}
		for _, err := range []error{e.CheckBind(), e.CheckConnect()} {
			if err != nil {
				checkRefusal(t, err, "endpoint ")
			}
		}
	})
}

func parse(tb testing.TB, text string) Endpoint {
	tb.Helper()
	e, err := Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
