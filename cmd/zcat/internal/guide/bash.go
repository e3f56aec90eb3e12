package guide

import (
	"fmt"
	"strings"
)

// bash works from 3.2 on, without the package bash-completion.
func bash(p Program) string {
	var b strings.Builder
	f := "_" + identifier(p.Name)
	var names []string
	for _, c := range p.Commands {
		names = append(names, c.Name)
	}
	fmt.Fprintf(&b, bashStart, p.Name, f, strings.Join(append(names, "help", "--help", "--version"), " "), strings.Join(namesOf(p.explained()), " "))
	for _, c := range p.Commands {
		b.WriteString("    " + c.Name + ")\n")
		var all []string
		for _, flag := range c.Flags {
			all = append(all, flag.spellings()...)
		}
		fmt.Fprintf(&b, "        flags=%s\n", quoted(strings.Join(all, " ")))
		b.WriteString("        case $flag in\n")
		for _, group := range byValue(c.Flags) {
			fmt.Fprintf(&b, "        %s) %s ;;\n", strings.Join(group.spellings, " | "), bashValue(group.value))
		}
		fmt.Fprintf(&b, "        *) operand=${operand:-yes} %s ;;\n        esac ;;\n", bashValue(c.Takes))
	}
	files := ""
	if p.TakesFiles {
		files = bashFiles
	}
	fmt.Fprintf(&b, bashEnd, f, p.Name, files, strings.Join(p.Schemes, " "))
	return b.String()
}

// bashValue sets the variables of the script for a value.
func bashValue(v Value) string {
	switch v.Kind {
	case Words:
		return "kind='words' values=" + quoted(strings.Join(v.Words, " "))
	case File:
		return "kind='file'"
	case Dir:
		return "kind='dir'"
	case Endpoint:
		return "kind='endpoint'"
	case Settings:
		return "kind='settings'"
	case Nothing, Free:
	}
	return "kind='free'"
}

// likes are flags that take the same value.
type likes struct {
	value     Value
	spellings []string
}

// byValue groups the flags that take one by their value.
func byValue(flags []Flag) []*likes {
	var groups []*likes
	at := map[string]*likes{}
	for _, f := range flags {
		if f.Takes.Kind == Nothing {
			continue
		}
		key := fmt.Sprint(f.Takes)
		if at[key] == nil {
			at[key] = &likes{value: f.Takes}
			groups = append(groups, at[key])
		}
		at[key].spellings = append(at[key].spellings, f.spellings()...)
	}
	return groups
}

// bashFiles completes files for those who take the program for gzip's.
const bashFiles = `    if [[ -z $command && $cur != -* ]]; then
        IFS=$'\n'
        COMPREPLY+=($(compgen -f -X '!*.gz' -- "$cur") $(compgen -f -X '!*.Z' -- "$cur") $(compgen -d -S / -- "$cur"))
    fi`

// bashStart reads the command line: what was typed, put together again, because
// bash also breaks it at = and :. Then it finds what is being completed: the value
// of a flag, a flag, or an operand.
const bashStart = `# bash completion for %[1]s: eval "$(%[1]s completion bash)"
# shellcheck shell=bash disable=SC2207

%[2]s() {
    local IFS=$' \t\n' words=() count=0 rest=$COMP_LINE trimmed i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=${rest#"${rest%%%%[![:space:]]*}"}
        if ((count > 0)) && [[ $trimmed == "$rest" ]]; then
            words[count - 1]+=${COMP_WORDS[i]}
        else
            words[count++]=${COMP_WORDS[i]}
        fi
        rest=${trimmed#"${COMP_WORDS[i]}"}
    done
    local cur=${words[count - 1]} command='' flag='' prefix='' flags='' kind='' values='' operand=''
    COMPREPLY=()
    if ((count > 2)); then command=${words[1]}; fi
    if ((count > 3)); then flag=${words[count - 2]}; fi
    if [[ $flag == -[!-]*[!-] ]]; then flag=-${flag: -1}; fi
    for ((i = 2; i < count - 1; i++)); do
        if [[ ${words[i]} == -- ]]; then flag='' operand=all; fi
    done
    if [[ -z $operand && $cur == --*=* ]]; then
        flag=${cur%%%%=*}
        prefix=$flag=
        cur=${cur#*=}
    fi
    case $command in
    '') kind='words' values='%[3]s' ;;
    help) kind='words' values='%[4]s' ;;
`

const bashEnd = `    *) return ;;
    esac
    if [[ -n $prefix && -n $operand ]]; then return; fi
    if [[ -z $prefix && $cur == -* && $operand != all && -n $flags ]]; then kind='flags'; fi
    case $kind in file | dir | settings) compopt -o filenames 2>/dev/null ;; esac
    case $kind in
    words) COMPREPLY=($(compgen -W "$values" -- "$cur")) ;;
    flags) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    file)
        IFS=$'\n'
        COMPREPLY=($(compgen -f -- "$cur")) ;;
    dir)
        IFS=$'\n'
        COMPREPLY=($(compgen -d -- "$cur")) ;;
    settings)
        IFS=$'\n'
        if [[ $cur == */* ]]; then
            COMPREPLY=($(compgen -f -- "$cur"))
        else
            COMPREPLY=($(compgen -d -S / -- "$cur") $(cd "${XDG_CONFIG_HOME:-$HOME/.config}/zcat" 2>/dev/null && compgen -f -- "$cur"))
            compopt +o filenames 2>/dev/null
        fi ;;
    endpoint)
        COMPREPLY=($(compgen -W '%[4]s' -- "$cur"))
        IFS=$'\n'
        if [[ $cur == [./]* ]]; then
            COMPREPLY=($(compgen -f -- "$cur"))
            compopt -o filenames 2>/dev/null
        else
            compopt -o nospace 2>/dev/null
        fi ;;
    esac
    if [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace 2>/dev/null; fi
%[3]s
    # Of a word that bash breaks, only the last part is replaced.
    local whole=$prefix$cur
    if [[ $whole == *[=:]* ]]; then
        for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
            trimmed=$prefix${COMPREPLY[i]}
            COMPREPLY[i]=${trimmed#"${whole%%"${whole##*[=:]}"}"}
        done
    fi
}

complete -F %[1]s %[2]s
`
