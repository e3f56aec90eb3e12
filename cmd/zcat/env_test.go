package main

import (
	"slices"
	"strings"
	"testing"
)

// inEnvironment is the configuration of a command line under an environment.
func inEnvironment(t *testing.T, line string, env map[string]string) (*config, error) {
	t.Helper()
	fields := strings.Fields(line)
	w := commandOf(t, fields[0])
	p, err := normalise(w, fields[1:])
	if err != nil {
		t.Fatal(err)
	}
	c := newConfig(w)
	c.args = p.operands
	err = applyEnv(c, p.settings, func(name string) (string, bool) {
		value, found := env[name]
		return value, found
	})
	if err != nil {
		return c, err
	}
	return c, parse(c, p, func() error {
		c.settle(false, false)
		return c.check()
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
	if len(c.endpoints) != 1 || c.limit != 3 || c.options.MaxSize != 1024 || !c.echo || c.options.Immediate || c.options.SendHWM != 1 || c.idle != 0 {
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
	} {
		got, err := inEnvironment(t, c.line, map[string]string{c.name: c.value})
		if err != nil {
			t.Errorf("%s=%s %s: %v", c.name, c.value, c.line, err)
			continue
		}
		facts := []string{
			"count " + plural(got.limit, "")[:1], "to " + got.endpoints[len(got.endpoints)-1].endpoint,
			got.in.format.String() + " " + got.out.format.String(),
			"level " + map[int]string{-1: "-1", 0: "0", 1: "1", 2: "2"}[got.level()], "rate " + plural(got.rate, "")[:1],
		}
		if len(got.endpoints) != 1 || !slices.Contains(facts, c.got) {
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
		if !ok || !strings.HasPrefix(usage.sentence, name) {
			t.Errorf("%s=%s: %v", name, value, err)
			continue
		}
		hintName, hintValue, _ := strings.Cut(usage.hint, "=")
		if _, err := inEnvironment(t, "dealer -c :1", map[string]string{hintName: hintValue}); err != nil {
			t.Errorf("%s=%s: the hint %q would not have worked: %v", name, value, usage.hint, err)
		}
	}
}

func TestStartedCommandsDoNotInherit(t *testing.T) {
	got := withoutDefaults([]string{"PATH=/bin", "ZCAT_COUNT=3", "HOME=/"})
	if !slices.Equal(got, []string{"PATH=/bin", "HOME=/"}) {
		t.Error(got)
	}
}

// Every flag has one name, one letter and one variable, and its sample works.
func TestFlags(t *testing.T) {
	for _, w := range commands("zcat").list {
		seen := map[string]bool{}
		for _, f := range flagsOf(w) {
			if seen[f.name] || f.letter != "" && seen[f.letter] {
				t.Errorf("%s: %s or -%s stands twice", w.name, f.dashed(), f.letter)
			}
			seen[f.name], seen[f.letter] = true, true
			if f.help == "" || f.group == "" {
				t.Errorf("%s has no help", f.dashed())
			}
			if f.set == nil {
				continue
			}
			sample := f.envSample()
			if err := f.set(newConfig(w), sample); err != nil {
				t.Errorf("%s %s: the sample %q does not work: %v", w.name, f.dashed(), sample, err)
			}
		}
	}
}
