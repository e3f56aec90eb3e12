#!/bin/sh
# Majordomo with an asynchronous client: a DEALER sends a thousand requests without waiting, and two workers share
# them. The delimiter of a REQ is its own to write; replies come in whatever order.
. "$(dirname "$0")/lib.sh"

zcat router -b ./broker --meta --presence --tick 1 --skip-invalid --filter "jq -cn --unbuffered -f '$here/majordomo.jq'" &
for worker in 1 2; do # heartbeats of the connection are enough for it
    zcat dealer -c ./broker --identity $worker --hello '["","MDPW01","\u0001","echo"]' --heartbeat 1 \
        --skip-invalid --filter 'jq -c --unbuffered "select(.[2] == \"\u0002\") | .[2] = \"\u0003\""' &
done
jq -cn 'range(1000) | ["", "MDPC01", "echo", "\(.)"]' | zcat dealer -c ./broker -n 1000 >replies
check 'replies' "$(jq -s 'map(.[3]) | unique | length' replies)" 1000
