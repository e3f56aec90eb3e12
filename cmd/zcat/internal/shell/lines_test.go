package shell

import (
	"slices"
	"strings"
	"testing"
)

// Nothing that is one line is cut, and what is quoted is left alone.
func TestLines(t *testing.T) {
	isCommand := func(word string) bool { return slices.Contains([]string{"pull", "push", "router"}, word) }
	for text, want := range map[string]string{
		`a=pull -b ./x`:                          `a=pull -b ./x`,
		`a=pull -b ./x;b=push -c ./y`:            `a=pull -b ./x | b=push -c ./y`,
		`a=pull -b ./x , b = PUSH -c ./y`:        `a=pull -b ./x | b = PUSH -c ./y`,
		`a=pull -b "./x; b=push"`:                `a=pull -b "./x; b=push"`,
		`a=pull -b ./x;y`:                        `a=pull -b ./x;y`,
		`a=router -b ./x --identity "b=pull"`:    `a=router -b ./x --identity "b=pull"`,
		`a=pull -b ./x -o sndhwm=5`:              `a=pull -b ./x -o sndhwm=5`,
		`a=pull -b ./x -c tcp://h:1,b=other`:     `a=pull -b ./x -c tcp://h:1,b=other`,
		`a=hub b=pull`:                           `a=hub b=pull`,
		`jq -c 'if .a == "x" then b=pull'`:       `jq -c 'if .a == "x" then b=pull'`,
		`a=(pull -b ./x)`:                        `a=pull -b ./x`,
		`a=pull -b ./x,`:                         `a=pull -b ./x`,
		``:                                       ``,
		`b=push -c ./y;a=pull -b ./x; c=push -l`: `b=push -c ./y | a=pull -b ./x | c=push -l`,
	} {
		if got := strings.Join(Lines(text, isCommand), " | "); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", text, got, want)
		}
	}
}
