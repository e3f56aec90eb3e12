package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/retype"
)

// filed returns the configuration of a command line beside files of --config, each
// in the user's own folder.
func filed(t *testing.T, files map[string]string, env map[string]string, written string) (*line.Config, error) {
	t.Helper()
	base := t.TempDir()
	if err := os.MkdirAll(filepath.Join(base, "zcat"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(base, "zcat", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fields := strings.Fields(written)
	w := commandOf(t, fields[0])
	p, err := line.Normalise(w, fields[1:])
	if err != nil {
		t.Fatal(err)
	}
	return line.Configure(w, p, func(name string) (string, bool) {
		if name == "XDG_CONFIG_HOME" {
			return base, true
		}
		value, found := env[name]
		return value, found
	}, func(*line.Config) {}, func(c *line.Config) { c.Settle(false, false) })
}

// Environment, then files in their order, then what is typed: the last one counts,
// and flags that may be repeated add up.
func TestConfigFiles(t *testing.T) {
	for _, c := range []struct {
		a, line, env string
		holds        func(*line.Config) bool
	}{
		{"connect :1\ncount 3\n", "dealer", "", func(c *line.Config) bool { return c.Limit == 3 && len(c.Endpoints) == 1 }},
		{"connect :1", "dealer -c :2", "", func(c *line.Config) bool {
			return len(c.Endpoints) == 2 && c.Endpoints[0].Endpoint == ":1" && c.Endpoints[1].Endpoint == ":2"
		}},
		{"count 3", "dealer -c :1 -n 5", "", func(c *line.Config) bool { return c.Limit == 5 }},
		{"count 3", "dealer -c :1", "ZCAT_COUNT=7", func(c *line.Config) bool { return c.Limit == 3 }},
		{"echo 1", "push -c :1", "ZCAT_COUNT=7", nil},
		{"connect :1", "dealer", "ZCAT_COUNT=7", func(c *line.Config) bool { return c.Limit == 7 }},
		{"rate 5", "push -c :1 -i 2 x", "", func(c *line.Config) bool { return c.Rate == 0 && c.Interval > 0 }},
		{"json", "dealer -c :1 -x", "", func(c *line.Config) bool { return c.In.Format.String() == "hex" }},
		{"curve-server\ncurve-secret k\ncurve-allow d", "router -b :1 --plain-server users", "", func(c *line.Config) bool {
			return c.Access == access.Settings{PlainServer: "users"}
		}},
		{"plain-user joe\nplain-password-file f", "dealer -c :1 --curve-server-cert k", "", func(c *line.Config) bool {
			return c.Access == access.Settings{CurveServerCert: "k"}
		}},
		{"exec cat", "rep -b :1 --echo=false", "", func(c *line.Config) bool { return c.Exec == "cat" }},
		{"echo", "dealer -c :1", "", func(c *line.Config) bool { return c.Echo }},
		{"echo=false", "dealer -c :1", "", func(c *line.Config) bool { return !c.Echo }},
		{"echo", "dealer -c :1 --echo=false", "", func(c *line.Config) bool { return !c.Echo }},
		{"verbose\nverbose", "dealer -c :1", "", func(c *line.Config) bool { return c.Verbose == 2 }},
		{"\t# no flag\n\n   #\n\t subscribe \t a \r\n", "sub -c :1", "", func(c *line.Config) bool { return string(c.Subscribe[0]) == "a " }},
		{"\ufeff# from an editor that begins files so\r\ncount 3\r\n", "dealer -c :1", "", func(c *line.Config) bool { return c.Limit == 3 }},
		{"\ufeffcount 3", "dealer -c :1", "", func(c *line.Config) bool { return c.Limit == 3 }},
		{"bind", "dealer", "", func(c *line.Config) bool {
			return c.Endpoints[0] == line.Attachment{Endpoint: line.DefaultBind, Bind: true}
		}},
		{"subscribe it's \"quoted\" # and whole", "sub -c :1", "", func(c *line.Config) bool {
			return string(c.Subscribe[0]) == `it's "quoted" # and whole`
		}},
		{"subscribe a\nsubscribe b", "sub -c :1 -s c", "", func(c *line.Config) bool { return len(c.Subscribe) == 3 }},
	} {
		env := map[string]string{}
		if name, value, found := strings.Cut(c.env, "="); found {
			env[name] = value
		}
		got, err := filed(t, map[string]string{"a": c.a}, env, c.line+" --config a")
		if c.holds == nil {
			if err == nil {
				t.Errorf("%q %s: no error", c.a, c.line)
			}
			continue
		}
		if err != nil || !c.holds(got) {
			t.Errorf("%q %s: %v, %+v", c.a, c.line, err, got)
		}
	}
	c, err := filed(t, map[string]string{"a": "count 1\nconnect :1", "b": "count 2"}, map[string]string{"ZCAT_CONFIG": "b"}, "dealer --config a --config b")
	if err != nil || c.Limit != 2 {
		t.Errorf("two files: %v", err)
	}
	c, err = filed(t, map[string]string{"a": "count 1\nconnect :1"}, map[string]string{"ZCAT_CONFIG": "a"}, "dealer")
	if err != nil || c.Limit != 1 {
		t.Errorf("a file of the environment: %v", err)
	}
}

// What is wrong in a file is reported with its name and line, and with a line that
// would have worked.
func TestConfigFileErrors(t *testing.T) {
	for _, c := range []struct{ text, sentence, hint string }{
		{"count 1\ntimeuot 5", "a:2: dealer has no flag --timeuot", "timeout 5"},
		{"\n--count 5", `a:2: "--count" has hyphens`, "count 5"},
		{"count five", `a:1: --count: "five" is not a whole number`, "count 1"},
		{"count 1\n\ncount x", `a:3: --count: "x"`, "count 1"},
		{"timeout", "a:1: timeout needs a value", "timeout 5"},
		{"echo maybe", `a:1: echo: "maybe" is none of`, "echo=false"},
		{"config b", "a:1: config is for the command line", ""},
		{"help", "a:1: help is for the command line", ""},
		{"retries 5", "a:1: dealer has no flag --retries", ""},
		{"count 1\x00", "a binary file", ""},
		{"count 1\nconnect foo", `a:2: --connect: endpoint "foo": it has no scheme`, "connect tcp://127.0.0.1:5555"},
		{"bind :70000", `a:1: --bind: endpoint ":70000"`, "bind tcp://127.0.0.1:5555"},
		{"hello [", `a:1: --hello: "["`, `hello ["READY"]`},
		{"verbose x", `a:1: --verbose: "x"`, "verbose"},
		{"tiemout", "a:1: dealer has no flag --tiemout", "timeout 5"},
	} {
		_, err := filed(t, map[string]string{"a": c.text}, nil, "dealer -c :1 --config a")
		usage, ok := err.(*outcome.UsageError) //nolint:errorlint // it is never wrapped
		if !ok || !strings.Contains(usage.Sentence, c.sentence) || c.hint != "" && usage.Hint != c.hint {
			t.Errorf("%q: %v, %+v", c.text, err, usage)
		}
	}
}

// What a person sees of a fault in a file mends the file: another command line would do
// without all that the file says.
func TestHintsMendTheConfigFile(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "/nonexistent")
	for name, text := range map[string]string{"typo": "timeuot 5\n", "endpoint": "connect foo\n", "value": "count x\n", "open": "count 1\n", "good": "count 1\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod("open", 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, hint string }{
		{"./typo", "timeout 5"},
		{"./endpoint", "connect tcp://127.0.0.1:5555"},
		{"./value", "count 1"},
		{"./open", "chmod go-w ./open"},
		{"good", "zcat dealer --config ./good -c :1 hello"}, // which is not looked for here
	} {
		args := []string{"dealer", "--config", c.name, "-c", ":1", "hello"}
		err := retype.Corrected(commands("zcat"), args, retype.Around{}, asTyped(append([]string{"zcat"}, args...)))
		if usage, ok := usageOf(err); !ok || usage.Hint != c.hint {
			t.Errorf("%s: %v, with the hint %+v", c.name, err, usage)
		}
	}
}

// A file that another user could write to would decide what a command does, and one
// that somebody put into the working directory must not be taken for the user's
// own.
func TestConfigFilesOfOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("flags", []byte("count 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := filed(t, nil, nil, "dealer -c :1 --config flags"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a name was taken from the working directory: %v", err)
	}
	if c, err := filed(t, nil, nil, "dealer -c :1 --config ./flags"); err != nil || c.Limit != 3 {
		t.Errorf("a path: %v", err)
	}
	for _, mode := range []os.FileMode{0o620, 0o602, 0o666} {
		if err := os.Chmod("flags", mode); err != nil {
			t.Fatal(err)
		}
		_, err := filed(t, nil, nil, "dealer -c :1 --config ./flags")
		if err == nil || !strings.Contains(err.Error(), "others may write to it") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := filed(t, nil, nil, "dealer -c :1 --config ./"); err == nil || !strings.Contains(err.Error(), "a directory") {
		t.Errorf("a directory: %v", err)
	}
	big := strings.Repeat("# long\n", line.MostConfig/7+1)
	if _, err := filed(t, map[string]string{"a": big}, nil, "dealer -c :1 --config a"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a long file: %v", err)
	}
}
