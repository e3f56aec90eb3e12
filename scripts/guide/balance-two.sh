#!/bin/sh
# Load balancing with two ROUTERs, one for clients and one for workers, which are DEALERs: each says READY
# on every connection before anything else (--hello), and runs a command for each request.
. "$(dirname "$0")/lib.sh"

rules='foreach (inputs | select(.from)) as $m ({free: [], wait: []}; .out = []
    | if $m.from == "clients" then .wait += [$m.frames]
      else .free += [$m.frames[0]]
        | if $m.frames[2] != "READY" then .out = [{to: "clients", frames: $m.frames[1:]}] else . end end
    | until(.free == [] or .wait == [];
        .out += [{to: "workers", frames: (.free[:1] + .wait[0])}] | .free |= .[1:] | .wait |= .[1:]);
    .out[])' zcat hub clients='router -b ./clients' workers='router -b ./workers' --skip-invalid --filter 'jq -cn --unbuffered "$rules"' &
for worker in 1 2 3; do
    zcat dealer -c ./workers --identity worker$worker --hello '["","READY"]' --exec 'tr a-z A-Z' &
done
for client in 1 2 3; do seq -f 'ask %g' 5 | zcat req -c ./clients --text >replies$client & asking="${asking-} $!"; done
for pid in $asking; do wait "$pid"; done
check 'replies to three clients' "$(sort replies? | uniq -c | xargs)" '3 ASK 1 3 ASK 2 3 ASK 3 3 ASK 4 3 ASK 5'
