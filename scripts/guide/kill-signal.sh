#!/bin/sh
# Kill signal: when the sink has all results it publishes the end, and the workers leave.
# A worker is a hub of three sockets: tasks come in, results go out, the third ends its command.
. "$(dirname "$0")/lib.sh"

export work='label $over | inputs | if .from == "kill" then break $over
    else {to: "results", frames: [.frames[0] | tonumber | . * . | tostring]} end'
for worker in 1 2 3; do
    zcat hub tasks='pull -c ./tasks' results='push -c ./sink' kill='sub -c ./kill' \
        --filter "jq -cn --unbuffered \"\$work\" && echo $worker >>gone" & workers="${workers-} $!"
done
seq 100 | zcat push -b ./tasks --wait-peers 3 --text &
zcat pull -b ./sink -n 100 --text >results
zcat pub -b ./kill --wait-subs 3 KILL
for pid in $workers; do wait "$pid"; done
check 'sum of the squares from 1 to 100' "$(awk '{ sum += $1 } END { print sum }' results)" 338350
check 'workers that left' "$(sort gone | xargs)" '1 2 3'
