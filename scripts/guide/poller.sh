#!/bin/sh
# Reading two sockets with a poller: a hub reads whichever has something, and they take turns.
# Each record says from which socket it came.
. "$(dirname "$0")/lib.sh"

seq 10 | zcat push -b ./tasks --text &
seq -f '10001 %g' 10 | zcat pub -b ./weather --wait-subs 1 --text &
zcat hub tasks='pull -c ./tasks' weather='sub -c ./weather -s 10001' |
    jq -rn 'limit(20; inputs).from' | sort | uniq -c | xargs >seen
check 'messages from each socket' "$(cat seen)" '10 tasks 10 weather'
