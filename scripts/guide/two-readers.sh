#!/bin/sh
# Reading two sockets without a poller: a command for each, and one pipe that both write to.
# Lines arrive whole; which socket a message came from is told by its record.
. "$(dirname "$0")/lib.sh"

seq 10 | zcat push -b ./tasks --text &
seq -f '10001 %g' 10 | zcat pub -b ./weather --wait-subs 1 --text &
{
    zcat pull -c ./tasks -n 10 --meta &
    zcat sub -c ./weather -s '10001 ' -n 10 --meta &
    wait
} | jq -r .endpoint | sort | uniq -c | xargs >seen
check 'messages from each socket' "$(cat seen)" '10 ipc://./tasks 10 ipc://./weather'
