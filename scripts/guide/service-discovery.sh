#!/bin/sh
# Majordomo's service discovery (RFC 8): the broker itself answers whether anybody offers a service.
# A worker counts from its READY until its connection is gone.
. "$(dirname "$0")/lib.sh"

zcat router -b ./broker --meta --presence --tick 1 --skip-invalid --filter "jq -cn --unbuffered -f '$here/majordomo.jq'" &
offered() { # STATUS: asks until that is the answer
    zcat req -c ./broker --interval 0.02 --repeat 0 MDPC01 mmi.service echo | jq -rn "first(inputs[2] | select(. == \"$1\"))"
}
check 'echo before anybody offers it' "$(offered 404)" 404
zcat dealer -c ./broker --hello '["","MDPW01","\u0001","echo"]' >/dev/null & worker=$!
check 'echo with a worker' "$(offered 200)" 200
kill $worker
check 'echo when the worker has left' "$(offered 404)" 404
