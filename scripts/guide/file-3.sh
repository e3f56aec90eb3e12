#!/bin/sh
# File transfer with credit: ten requests are under way at any time, and each chunk that comes pays for the next. The
# pipe never runs dry, and never holds more than that; a chunk shorter than asked for is the last.
. "$(dirname "$0")/lib.sh"

seq 200000 >original
zcat router -b ./server --drop-unroutable --exec 'read -r from size; tail -c +$((from + 1)) original | head -c "$size"' &
client='def ask: {to: "server", frames: ["\(. * 50000) 50000"]};
    (range(10) | ask), (label $over | foreach (inputs | select(.from == "server").frames) as [$chunk] (9; . + 1;
        {to: "-", frames: [$chunk]}, if $chunk | length < 50000 then break $over else ask end))' \
    zcat hub - server='dealer -c ./server' --filter 'jq -cn --unbuffered "$client"' </dev/null | jq -j '.[0]' >copy
check 'are original and copy the same' "$(cmp original copy && echo yes)" yes
