#!/bin/sh
# ROUTER to REQ: workers ask for work, so that each gets the next task when it is done with the last.
# The routing id and the delimiter that came with the question lead the answer to the worker.
. "$(dirname "$0")/lib.sh"

boss='foreach inputs as $asks (0; . + 1; [$asks[0], "", if . > 30 then "fired" else "work harder" end])' \
    zcat router -b ./boss --filter 'jq -cn --unbuffered "$boss" | sed -u "w answers"' &
export worker='"hi", (label $fired | inputs | if .[0] == "fired" then break $fired else "hi" end)'
for w in 1 2 3; do
    zcat req -c ./boss --identity "worker $w" --filter 'jq -cn --unbuffered "$worker"' & workers="${workers-} $!"
done
for pid in $workers; do wait "$pid"; done
check 'tasks given' "$(grep -c harder answers)" 30
check 'workers fired' "$(jq -r 'select(.[2] == "fired")[0]' answers | sort | xargs)" 'worker 1 worker 2 worker 3'
