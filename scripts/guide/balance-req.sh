#!/bin/sh
# Load balancing with REQ workers: the same broker, whose workers are sockets of the simplest kind. To
# such a worker a request is the reply to its last answer, and the first of its questions is READY.
. "$(dirname "$0")/lib.sh"

rules='foreach (inputs | select(.from)) as {$from, $frames} ({free: [], wait: []}; .out = []
    | if $from == "clients" then .wait += [$frames]
      else .free += [$frames[0]] | if $frames[2] != "READY" then .out = [{to: "clients", frames: $frames[2:]}] else . end end
    | until(.free == [] or .wait == [];
        .out += [{to: "workers", frames: (.free[:1] + [""] + .wait[0])}] | .free |= .[1:] | .wait |= .[1:]);
    .out[])' zcat hub clients='router -b ./clients' workers='router -b ./workers' --skip-invalid --filter 'jq -cn --unbuffered "$rules"' &
for worker in 1 2 3; do
    zcat req -c ./workers --identity worker$worker --filter 'echo "\"READY\""; jq -c --unbuffered ".[2] |= ascii_upcase"' &
done
for client in 1 2 3; do seq -f 'ask %g' 5 | zcat req -c ./clients --text >replies$client & asking="${asking-} $!"; done
for pid in $asking; do wait "$pid"; done
check 'replies to three clients' "$(sort replies? | uniq -c | xargs)" '3 ASK 1 3 ASK 2 3 ASK 3 3 ASK 4 3 ASK 5'
