#!/bin/sh
# Peering, whole: brokers tell each other how many of their workers are free, and what finds none at
# home goes to a cluster that has one. Here dc1 has the client, dc2 the workers, dc3 nothing.
. "$(dirname "$0")/lib.sh"

export rules='def peer: .free_at | to_entries | map(select(.value > 0))[0].key;
    foreach inputs as {$from, $frames} ({free: [], wait: [], free_at: {}}; .out = []
    | if $from == "workers" then .free += [$frames[0]]
        | if $frames[2] != "READY" then .out = [{to: $frames[2], frames: $frames[3:]}] else . end
      elif $from == "states" then .free_at[$frames[0]] = ($frames[1] | tonumber)
      elif $from == "peers" then .out = [{to: "clients", frames: $frames[1:]}]
      elif $from then .wait += [[$from] + $frames] else . end # else it is the tick
    | until(.wait == [] or (.free == [] and (.wait[0][0] == "cloud" or peer == null));
        if .free != [] then .out += [{to: "workers", frames: (.free[:1] + [""] + .wait[0])}] | .free |= .[1:]
        else peer as $p | .out += [{to: "peers", frames: ([$p] + .wait[0][1:])}] | .free_at[$p] -= 1 end | .wait |= .[1:])
    | if $from != "states" then .out += [{to: "state", frames: [$me, "\(.free | length)"]}] else . end; .out[])'
broker() { # NAME OTHER OTHER
    exec zcat hub clients="router -b ./$1-clients" workers="router -b ./$1-workers" cloud="router -b ./$1 --identity $1" \
        peers="router -c ./$2 -c ./$3 --identity $1" state="pub -b ./$1-state" states="sub -c ./$2-state -c ./$3-state" \
        --tick 0.1 --filter "jq -cn --unbuffered --arg me $1 \"\$rules\""
}
broker dc1 dc2 dc3 & broker dc2 dc1 dc3 & broker dc3 dc1 dc2 &
for w in a b; do zcat req -c ./dc2-workers --identity $w --filter \
    'echo "\"READY\""; jq -c --unbuffered ".[-1] += \" by dc2\""' & done
check 'ten replies in cluster dc1' "$(zcat req -c ./dc1-clients --repeat 10 job | uniq -c | xargs)" '10 [job by dc2]'
