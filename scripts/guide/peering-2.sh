#!/bin/sh
# Peering, the flow of tasks: a broker gives every other request of its own clients to another cluster,
# by ROUTERs that know each other's names. Its clients are not read before the other cluster is there.
. "$(dirname "$0")/lib.sh"

export rules='{pause: "clients"}, (foreach inputs as {$from, $frames, $event, $at} ({free: [], wait: []}; .out = []
    | if $event then if $event == "joined" and $at == "peers" then .there = true | .out = [{resume: "clients"}] else . end
      elif $from == "workers" then .free += [$frames[0]]
        | if $frames[2] != "READY" then .out = [{to: $frames[2], frames: $frames[3:]}] else . end
      elif $from == "peers" then .out = [{to: "clients", frames: $frames[1:]}]
      elif $from == "clients" and .there and (.turn | not) then .turn = true
        | .out = [{to: "peers", frames: ([$other] + $frames)}]
      else .turn = false | .wait += [[$from] + $frames] end
    | until(.free == [] or .wait == []; .out += [{to: "workers", frames: (.free[:1] + [""] + .wait[0])}]
        | .free |= .[1:] | .wait |= .[1:]);
    .out[]))'
for pair in dc1:dc2 dc2:dc1; do
    me=${pair%:*} other=${pair#*:}
    zcat hub clients="router -b ./$me-clients" workers="router -b ./$me-workers" cloud="router -b ./$me --identity $me" --presence \
        peers="router -c ./$other --identity $me" --filter "jq -cn --unbuffered --arg other $other \"\$rules\"" &
    zcat req -c "./$me-workers" --filter "echo '\"READY\"'; jq -c --unbuffered '.[-1] += \" by $me\"'" &
done
zcat req -c ./dc1-clients --repeat 10 job >replies
check 'ten replies in cluster dc1' "$(wc -l <replies | xargs), $(sort -u replies | xargs)" '10, [job by dc1] [job by dc2]'
