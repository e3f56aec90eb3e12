#!/bin/sh
# A request-reply broker by hand: what comes at one socket leaves at the other, both ways.
# Clients and services know only the broker, so that either may come and go.
. "$(dirname "$0")/lib.sh"

zcat hub clients='router -b ./clients' services='dealer -b ./services' --filter \
    'jq -c --unbuffered '\''.to = if .from == "clients" then "services" else "clients" end'\' &
zcat rep -c ./services world >/dev/null &
zcat rep -c ./services world >/dev/null &
zcat req -c ./clients --repeat 10 hello >one & client=$!
zcat req -c ./clients --repeat 10 hello >two
wait $client
check 'replies to two clients' "$(cat one two | sort | uniq -c | xargs)" '20 [world]'
