#!/bin/sh
# Binary Star: of two servers one answers, and the other takes over when a client asks it and the first is silent.
# Each publishes its state at every tick; a server that comes back finds the other active, and stands by.
. "$(dirname "$0")/lib.sh"

export rules='foreach inputs as {$event, $from, $frames} ({state: $role, silent: 0}; .out = []
    | if $event == "tick" then .silent += 1
      elif $from == "other" then .silent = 0
        | .state = if $frames[0] == "active" then if .state == "active" then error("both are active") else "passive" end
            elif .state == "primary" and $frames[0] == "backup" or .state == "passive" then "active" else .state end
      elif $from == "clients" then # a request is a vote: who may answer becomes active by it
        if .state == "primary" or (.state == "passive" and .silent > 5) then .state = "active" else . end
        | if .state == "active" then .out = [{to: "clients", frames: ($frames + [$role])}] else . end
      else . end
    | if $from then . else .out += [{to: "state", frames: [.state]}] end; .out[])'
server() { # ROLE OTHER
    exec zcat hub clients="router -b ./$1" state="pub -b ./$1-state" other="sub -c ./$2-state" --tick 0.2 \
        --filter "jq -cn --unbuffered --arg role $1 \"\$rules\""
}
ask() { zcat req -c ./primary -t 1 "$1" 2>/dev/null || zcat req -c ./backup -t 1 "$1" 2>/dev/null || ask "$1"; }
server primary backup & primary=$!
server backup primary &
check 'both are there' "$(zcat sub -c ./backup-state -s passive -n 1) $(ask one)" '["passive"] ["one","primary"]'
kill $primary; check 'the primary is gone' "$(ask two)" '["two","backup"]'
server primary backup & check 'it is back' "$(zcat sub -c ./primary-state -s passive -n 1) $(ask three)" '["passive"] ["three","backup"]'
