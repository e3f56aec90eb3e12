#!/bin/sh
# Load balancing with one ROUTER: clients and workers come to the same socket, and the work goes to
# the worker that has been free for longest. A worker asks with READY, and by each reply for more.
. "$(dirname "$0")/lib.sh"

rules='foreach inputs as $m ({free: [], wait: []}; .out = []
    | if $m[2] == "READY" then .free += [$m[0]]
      elif $m | length > 3 then .free += [$m[0]] | .out = [$m[2:]] # a reply, behind it its client
      else .wait += [$m] end
    | until(.free == [] or .wait == [];
        .out += [[.free[0], ""] + .wait[0]] | .free |= .[1:] | .wait |= .[1:]);
    .out[])' zcat router -b ./broker --skip-invalid --filter 'jq -cn --unbuffered "$rules"' &
for worker in 1 2 3; do
    zcat req -c ./broker --identity worker$worker --filter 'echo "\"READY\""; jq -c --unbuffered ".[2] |= ascii_upcase"' &
done
for client in 1 2 3; do seq -f 'ask %g' 5 | zcat req -c ./broker --text >replies$client & asking="${asking-} $!"; done
for pid in $asking; do wait "$pid"; done
check 'replies to three clients' "$(sort replies? | uniq -c | xargs)" '3 ASK 1 3 ASK 2 3 ASK 3 3 ASK 4 3 ASK 5'
