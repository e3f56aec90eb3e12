//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/retype"
)

// A line of a hub that was misspelt comes back mended, with all of its sockets.
func TestHubHints(t *testing.T) {
	for _, row := range []struct{ typed, want string }{
		{`a='rooter -b ./x' b='push -c ./y'`, `a='router -b ./x' b='push -c ./y'`},
		{`a='PULL -b ./x'`, `a='pull -b ./x'`},
		{`a='zcat router -b ./x'`, `a='router -b ./x'`},
		{`a='-b ./x pull'`, `a='pull -b ./x'`},
		{`stdin=- a='pull -b ./x'`, `a='pull -b ./x' -`},
		{`a = 'pull -b ./x'`, `a='pull -b ./x'`},
		{`a= 'pull -b ./x'`, `a='pull -b ./x'`},
		{`a ='pull -b ./x' b='push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`a='pull ./x'`, `a='pull --bind ./x'`},
		{`a='pull @x'`, `a='pull --bind @x'`},
		{`a='router :5555' b='dealer :5556'`, `a='router --bind :5555' b='dealer --connect :5556'`},
		{`'a="pull -b ./x"'`, `a='pull -b ./x'`},
		{`a='pull -b "./x'`, `a='pull -b ./x'`},
		{`a='pull -b ./x' cat`, `a='pull -b ./x'`},
		{`a='pull -b ./x' -- cat`, `a='pull -b ./x'`},
		{`a='pull -b http://foo' b='push -c ./y'`, `a='pull -b ws://foo:8080' b='push -c ./y'`},
		{`a='pull -b ./x' --route b`, `a='pull -b ./x'`},
		{`a='pull -b ./x' --max-size 64Mi`, `a='pull -b ./x' --max-size 64M`},
		{`a='pull -b ./x' --hmw 3`, `a='pull -b ./x' --hwm 3`},
		{`a='pull -b ./x --hmw 3'`, `a='pull -b ./x --hwm 3'`},
		{`a='pull -b ./x' --tick 5 --pressence`, `a='pull -b ./x' --tick 5 --presence`},
		{`a:'pull -b ./x'`, `a='pull -b ./x'`},
		{`a=pull -b ./x`, `a='pull -b ./x'`},
		{`a=pull -b ./x b=push -c ./y`, `a='pull -b ./x' b='push -c ./y'`},
		{`router -b ./x`, `a='router -b ./x'`},
		{`'router -b ./x' 'push -c ./y'`, `a='router -b ./x' b='push -c ./y'`},
		{`a=router:5555`, `a='router --bind :5555'`},
		{`./in ./out`, `a='router --bind ./in' b='router --bind ./out'`},
		{`clients=:5555 workers=:5556`, `clients='router --bind :5555' workers='router --bind :5556'`},
		{`pull='-b ./x'`, `pull='pull -b ./x'`},
		{`a='push ./x hello'`, `a='push --connect ./x'`},
		{`a='pull -b ./x -n 3'`, `a='pull -b ./x'`},
		{`a='pull -b ./x -f json'`, `a='pull -b ./x'`},
		{`a='pull -b ./x --meta'`, `a='pull -b ./x'`},
		{`a='pull -b ./x | jq .'`, `a='pull -b ./x'`},
		{`a='sub -b ./x -t news'`, `a='sub -b ./x --subscribe news'`},
		{`a='req -c ./x -t'`, `a='req -c ./x -t 5'`},
		{`a='hub b=pull' b='pull -b ./x'`, `a='router --bind :5555' b='pull -b ./x'`},
		{`-f cat a='pull -b ./x'`, `a='pull -b ./x'`},
		{`a='router -b ./x' --exec cat`, `a='router -b ./x'`},
		{`front='router -b ./x' back='dealer -b ./y'`, `front1='router -b ./x' back1='dealer -b ./y'`},
		{`a='pull -b ./x' a='push -c ./x'`, `a='pull -b ./x' a1='push -c ./x'`},
		{`'a=pull -b ./x;b=push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`'a=pull -b ./x; b=push -c ./y; c=pub -b ./z'`, `a='pull -b ./x' b='push -c ./y' c='pub -b ./z'`},
		{`'a=pull -b ./x, b=push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`'a=pull -b ./x b=push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`a='pull -b ./x', b='push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`a='pull -b ./x','b=push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`a='pull -b ./x'\; b='push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`'a: pull -b ./x' 'b: push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`'a: pull -b ./x; b: push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`'a=(pull -b ./x)' 'b=[push -c ./y]'`, `a='pull -b ./x' b='push -c ./y'`},
		{`'a={pull -b ./x}'`, `a='pull -b ./x'`},
		{`'a=$(pull -b ./x)'`, `a='pull -b ./x'`},
		{`'{"a":"pull -b ./x"}'`, `a='pull -b ./x'`},
		{`a=='pull -b ./x'`, `a='pull -b ./x'`},
		{`a='PULL:./x'`, `a='pull --bind ./x'`},
		{`a='ZMQ_PULL -b ./x'`, `a='pull -b ./x'`},
		{`a='zmq.PULL -b ./x' b='Push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`a='subscriber -c ./x' b='broker -b ./y'`, `a='sub -c ./x' b='router --bind :5555'`},
		{`capture='pull -b ./x' capture='push -c ./y'`, `capture1='pull -b ./x' capture2='push -c ./y'`},
		{`a='pull -b ./x' a='push -c ./y' a='pub -b ./z'`, `a='pull -b ./x' a1='push -c ./y' a2='pub -b ./z'`},
		{`a='./zcat pull -b ./x'`, `a='pull -b ./x'`},
		{`a='pull -b ./x' --pipe`, `a='pull -b ./x'`},
		{`a='pull -b ./x' \| jq .`, `a='pull -b ./x'`},
		{`a='pull bind ./x'`, `a='pull --bind ./x'`},
		{`a='pull' b='push'`, `a='pull --bind tcp://127.0.0.1:5555' b='push --connect tcp://127.0.0.1:5555'`},
		{`-a 'pull -b ./x'`, `a='pull -b ./x'`},
		{`1a='pull -b ./x'`, `a='pull -b ./x'`},
		{`my-in='pull -b ./x'`, `my_in='pull -b ./x'`},
		{`a:b='pull -b ./x'`, `a_b='pull -b ./x'`},
		{`tcp://x:1='pull -b ./x'`, `tcp___x_1='pull -b ./x'`},
		{`a:='pull -b ./x' b='push -c ./y'`, `a='pull -b ./x' b='push -c ./y'`},
		{`a:b="'pull -b ./x'"`, `a_b='pull -b ./x'`},
		{`"'a'='pull -b ./x'"`, `a='pull -b ./x'`},
		{`'"a"=pull -b ./x'`, `a='pull -b ./x'`},
		{`'a"b=pull -b ./x'`, `a_b='pull -b ./x'`},
		{`"it's=pull -b ./x"`, `it_s='pull -b ./x'`},
		{`-a='pull -b ./x'`, `a='pull -b ./x'`},
		{`--clients='pull -b ./x' b='push -c ./y'`, `clients='pull -b ./x' b='push -c ./y'`},
		{`--clients 'pull -b ./x' --workers 'push -c ./y'`, `clients='pull -b ./x' workers='push -c ./y'`},
		{`--in='pull -b ./x'`, `in='pull -b ./x'`},
		{`-- -a='pull -b ./x'`, `a='pull -b ./x'`},
		{`a='req -c ./x -o sndtimeo=50'`, `a='req -c ./x --timeout 50ms'`},
		{`a='req -c ./x -o rcvtimeo=-1'`, `a='req -c ./x'`},
		{`é='xpub --timeout 1'`, `a='xpub --connect tcp://127.0.0.1:5555'`},
		{`=y`, `clients='router --bind :5555'`},
		{`'=router -c inproc://q'`, `a='router -c ipc:///tmp/q'`},
		{`'é=pull -b @x' 'a.b=push -c @x'`, `a='pull -b @x' a_b='push -c @x'`},
		{`'-=pull -b @x'`, `a='pull -b @x'`},
		{`a b`, `clients='router --bind :5555'`},
		{`hello 'A B=SERVER'`, `B='server --connect tcp://127.0.0.1:5555'`},
		{`--`, `clients='router --bind :5555'`},
		{`'a=sub -c @x --subscribe="a b"'`, `a='sub -c @x --subscribe "a b"'`},
		{`'a=sub -c @x --subscribe=a\ b'`, `a='sub -c @x "--subscribe=a b"'`},
		{`'a=sub -c @x --subscribe "a b'`, `a='sub -c @x --subscribe "a b"'`},
		{`'a=sub --subscribe "a b -c @x'`, `a='sub --subscribe "a b" -c @x'`},
		{`'a=dealer -c @x --hello ["a b"]'`, `a='dealer -c @x --hello '\''["a b"]'\'''`},
		{`'a=pull -b "" --hwm 3'`, `a='pull -b tcp://127.0.0.1:5555 --hwm 3'`},
		{`a='push -d @x'`, `a='push --connect @x'`},
		{`a='pull -b ./x -- --hwm 3 y'`, `a='pull -b ./x --hwm 3'`},
		{`--curve-server --curve-secret k a='PULL -b ./x'`, `a='pull -b ./x' --curve-server --curve-secret k`},
		{`--plain-server u --curve-server --curve-secret k a='pull -b ./x'`, `a='pull -b ./x' --curve-server --curve-secret k`},
		{`--curve-server --curve-secret k --plain-user joe --plain-password-file p a='pull -b ./x'`, `a='pull -b ./x' --curve-server --curve-secret k`},
		{`--plain-server u a='pull -b ./x --curve-secret k'`, `a='pull -b ./x --curve-secret k --curve-server' --plain-server u`},
		{`a='pull -b ./x --plain-server u --curve-server --curve-secret k'`, `a='pull -b ./x --curve-server --curve-secret k'`},
		{`a='rep -b ./x -o sndtimeo=50'`, `a='rep -b ./x'`},
		{`a='pull -b ./x -o rcvtimeo=50'`, `a='pull -b ./x'`},
	} {
		args := wordsOf(t, "hub "+row.typed+" --filter 'jq -c .'")
		want := "zcat hub " + row.want + " --filter 'jq -c .'"
		got := retypedOnce("zcat", args)
		if got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", row.typed, got, want)
		} else if err := asTyped(wordsOf(t, got)); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
	// The list of a command's options stands alone; what is the matter beside is mended with
	// the mechanism kept.
	for typed, want := range map[string]string{
		`a='push -c @x -o list'`: "zcat push -o list", `a='pull --option=list' b=x`: "zcat pull -o list",
		`--curve-server --curve-secret k a='pull -b ./x --curve-server-key=abc' --hwm`: `zcat hub a='pull -b ./x --curve-server-key=` + someKey + `' --curve-server --curve-secret k --hwm 1000`,
	} {
		if got := retypedOnce("zcat", shellWords(t, "hub "+typed)); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", typed, got, want)
		}
	}
	// Where nothing can be drawn, reports are lines.
	args := shellWords(t, "hub a='PULL -b ./x' --top --filter cat")
	err := retype.Corrected(commands("zcat"), args, retype.Around{Undrawn: true}, asTyped(append([]string{"zcat"}, args...)))
	if usage, ok := usageOf(err); !ok || usage.Hint != "zcat hub a='pull -b ./x' --stats 1 --filter cat" {
		t.Errorf("--top without a terminal: %+v", usage)
	}
	// What a name may be is said also of one that looks like a flag.
	for _, typed := range []string{`-a='pull -b ./x'`, `--clients 'pull -b ./x'`, `a:b='pull -b ./x'`, `'a"b=pull -b ./x'`} {
		args := shellWords(t, "hub "+typed+" --filter cat")
		err := retype.Corrected(commands("zcat"), args, retype.Around{}, asTyped(append([]string{"zcat"}, args...)))
		if err == nil || !strings.Contains(err.Error(), "is no name: expected a letter, then letters, digits and _") {
			t.Errorf("%s: %v", typed, err)
		}
	}
	// A filter that stands inside a line is that of the hub.
	for typed, want := range map[string]string{
		`a='router -b ./x --filter cat'`: `zcat hub a='router -b ./x' --filter cat`,
		`a='router -b ./x --fliter cat'`: `zcat hub a='router -b ./x' --filter cat`,
		`a='router -b ./x' cat`:          `zcat hub a='router -b ./x' --filter cat`,
		`a='router -b ./x' -`:            `zcat hub a='router -b ./x' - --filter cat`,
	} {
		if got := retypedOnce("zcat", shellWords(t, "hub "+typed)); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", typed, got, want)
		}
	}
}

// TestHubFilterHints: a filter whose words no quotes keep together, or without its hyphens.
func TestHubFilterHints(t *testing.T) {
	for _, row := range []struct{ typed, want string }{
		{`a='pull -b ./x' --filter=jq .`, `a='pull -b ./x' --filter 'jq .'`},
		{`a='pull -b ./x' --filter jq -c .`, `a='pull -b ./x' --filter 'jq -c .'`},
		{`--filter jq -c . a='pull -b ./x' b='push -c ./y'`, `a='pull -b ./x' b='push -c ./y' --filter 'jq -c .'`},
		{`a='pull -b ./x' --filter jq -c - --presence`, `a='pull -b ./x' - --presence --filter 'jq -c'`},
		{`a='pull -b ./x' --filter grep x --hmw 3`, `a='pull -b ./x' --hwm 3 --filter 'grep x'`},
		{`a='pull -b ./x' filter cat`, `a='pull -b ./x' --filter cat`},
	} {
		want := "zcat hub " + row.want
		if got := retypedOnce("zcat", shellWords(t, "hub "+row.typed)); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", row.typed, got, want)
		} else if err := asTyped(shellWords(t, got)); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}
