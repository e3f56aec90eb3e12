#!/bin/sh
# Simple Pirate: a queue of workers, and clients that ask again. Any worker may crash over a request: the queue
# has forgotten the worker when it gave it the work, and the client's next try goes to another one.
. "$(dirname "$0")/lib.sh"

rules='foreach (inputs | select(.from)) as {$from, $frames} ({free: [], wait: []}; .out = []
    | if $from == "clients" then .wait += [$frames]
      else .free += [$frames[0]] | if $frames[2] != "READY" then .out = [{to: "clients", frames: $frames[2:]}] else . end end
    | until(.free == [] or .wait == [];
        .out += [{to: "workers", frames: (.free[:1] + [""] + .wait[0])}] | .free |= .[1:] | .wait |= .[1:]);
    .out[])' zcat hub clients='router -b ./clients' workers='router -b ./workers' --drop-unroutable \
    --skip-invalid --filter 'jq -cn --unbuffered "$rules"' &
{
    zcat req -c ./workers READY >lost # its reply is a request, over which it ends
    exec zcat req -c ./workers --filter 'echo "\"READY\""; jq -c --unbuffered ".[2] |= ascii_upcase"'
} &
check 'replies' \
    "$(printf '"job %s"\n' 1 2 3 | zcat req -c ./clients --timeout 0.5 --retries 100 | xargs)" '[JOB 1] [JOB 2] [JOB 3]'
check 'request that a worker crashed over' "$(jq -r '.[2]' lost)" 'job 1'
