package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// inEnvironment returns the configuration of a command line under an environment.
func inEnvironment(t *testing.T, written string, env map[string]string) (*line.Config, error) {
	t.Helper()
	fields := shellWords(t, written)
	w := commandOf(t, fields[0])
	p, err := line.Normalise(w, fields[1:])
	if err != nil {
		t.Fatal(err)
	}
	c := line.NewConfig(w)
	c.Args = p.Operands
	err = line.ApplyEnv(c, p, func(name string) (string, bool) {
		value, found := env[name]
		return value, found
	})
	if err != nil {
		return c, err
	}
	return c, line.Parse(c, p, func() error {
		c.Settle(false, false)
		return c.Check()
	})
}

func TestEnvironmentHoldsDefaults(t *testing.T) {
	c, err := inEnvironment(t, "dealer", map[string]string{
		"ZCAT_CONNECT": ":5555", "ZCAT_COUNT": "3", "ZCAT_MAX_SIZE": "1K", "ZCAT_ECHO": "true", "ZCAT_IMMEDIATE": "0",
		"ZCAT_OPTION": "sndhwm=1", "ZCAT_WAIT_SUBS": "not for dealer", "ZCAT_IDLE": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Endpoints) != 1 || c.Limit != 3 || c.Options.MaxSize != 1024 || !c.Echo || c.Options.Immediate || c.Options.SendHWM != 1 || c.Idle != 0 {
		t.Errorf("%+v", c)
	}
}

func TestCommandLineBeatsEnvironment(t *testing.T) {
	for _, c := range []struct{ line, name, value, got string }{
		{"dealer -c :1 -n 5", "ZCAT_COUNT", "3", "count 5"},
		{"dealer -c :1", "ZCAT_COUNT", "3", "count 3"},
		{"dealer -c :1", "ZCAT_CONNECT", ":2", "to :1"},
		{"dealer -c :1 -J", "ZCAT_FORMAT", "hex", "json json"},
		{"dealer -c :1 -x", "ZCAT_OUT", "text", "hex hex"},
		{"dealer -c :1 --in text", "ZCAT_FORMAT", "hex", "text hex"},
		{"dealer -c :1", "ZCAT_HEX", "1", "hex hex"},
		{"dealer -c :1 -q", "ZCAT_VERBOSE", "1", "level -1"},
		{"dealer -c :1 -v", "ZCAT_QUIET", "1", "level 1"},
		{"dealer -c :1", "ZCAT_VERBOSE", "2", "level 2"},
		{"dealer -c :1 -i 1", "ZCAT_RATE", "9", "rate 0"},
		// What a command reads and writes is a matter of the line that it stands in.
		{"dealer -c :1 --exec rev", "ZCAT_OUT", "json", "raw raw"},
		{"dealer -c :1 --exec rev", "ZCAT_IN", "text", "raw raw"},
		{"dealer -c :1 --exec rev --out hex", "ZCAT_IN", "text", "raw hex"},
		{"dealer -c :1 --filter cat", "ZCAT_OUT", "hex", "json json"},
		{"dealer -c :1 --filter cat", "ZCAT_FORMAT", "text", "json json"},
		{"dealer -c :1 --filter cat", "ZCAT_TEXT", "1", "json json"},
		{"dealer -c :1 --filter cat -x", "ZCAT_OUT", "text", "hex hex"},
		{"dealer -c :1 --filter cat --in text", "ZCAT_HEX", "1", "text json"},
	} {
		got, err := inEnvironment(t, c.line, map[string]string{c.name: c.value})
		if err != nil {
			t.Errorf("%s=%s %s: %v", c.name, c.value, c.line, err)
			continue
		}
		facts := []string{
			"count " + say.Plural(got.Limit, "")[:1], "to " + got.Endpoints[len(got.Endpoints)-1].Endpoint,
			got.In.Format.String() + " " + got.Out.Format.String(),
			"level " + map[int]string{-1: "-1", 0: "0", 1: "1", 2: "2"}[got.Level()], "rate " + say.Plural(got.Rate, "")[:1],
		}
		if len(got.Endpoints) != 1 || !slices.Contains(facts, c.got) {
			t.Errorf("%s=%s %s: got %q, want %q", c.name, c.value, c.line, facts, c.got)
		}
	}
}

func TestBadEnvironmentNamesTheVariable(t *testing.T) {
	for name, value := range map[string]string{
		"ZCAT_COUNT": "x", "ZCAT_IMMEDIATE": "yes", "ZCAT_FORMAT": "yaml", "ZCAT_TIMEOUT": "-1",
		"ZCAT_MAX_SIZE": "1T", "ZCAT_OPTION": "x=1", "ZCAT_VERBOSE": "loud", "ZCAT_RECONNECT": "..",
	} {
		_, err := inEnvironment(t, "dealer -c :1", map[string]string{name: value})
		usage, ok := usageOf(err)
		if !ok || !strings.HasPrefix(usage.Sentence, name) {
			t.Errorf("%s=%s: %v", name, value, err)
			continue
		}
		hintName, hintValue, _ := strings.Cut(usage.Hint, "=")
		if _, err := inEnvironment(t, "dealer -c :1", map[string]string{hintName: hintValue}); err != nil {
			t.Errorf("%s=%s: the hint %q would not have worked: %v", name, value, usage.Hint, err)
		}
	}
}

func TestStartedCommandsDoNotInherit(t *testing.T) {
	got := line.WithoutDefaults([]string{"PATH=/bin", "ZCAT_COUNT=3", "HOME=/"})
	if !slices.Equal(got, []string{"PATH=/bin", "HOME=/"}) {
		t.Error(got)
	}
}

// Every flag has one name, one letter and one variable, and its sample works.
func TestFlags(t *testing.T) {
	for _, w := range commands("zcat").List() {
		seen := map[string]bool{}
		for _, f := range line.FlagsOf(w) {
			if seen[f.Name] || f.Letter != "" && seen[f.Letter] {
				t.Errorf("%s: %s or -%s stands twice", w.Name, f.Dashed(), f.Letter)
			}
			seen[f.Name], seen[f.Letter] = true, true
			if f.Help == "" || f.Group == "" {
				t.Errorf("%s has no help", f.Dashed())
			}
			if f.Set == nil {
				continue
			}
			sample := f.EnvSample()
			if err := f.Set(line.NewConfig(w), sample); err != nil {
				t.Errorf("%s %s: the sample %q does not work: %v", w.Name, f.Dashed(), sample, err)
			}
		}
	}
}
