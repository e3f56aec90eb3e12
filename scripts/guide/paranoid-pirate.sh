#!/bin/sh
# Paranoid Pirate (RFC 6): workers and the queue beat for each other; a worker that is silent for three ticks gets no
# work. One says READY and freezes: whatever it was given is asked for again, and goes to one that beats.
. "$(dirname "$0")/lib.sh"

queue='foreach inputs as {$from, $event, $frames} ({now: 0, beat: {}, free: [], wait: []}; .out = []
    | if $event == "tick" then .now += 1 | .now as $now | .beat |= with_entries(select(.value + 3 >= $now))
        | .out = [.beat | keys[] | {to: "workers", frames: [fromjson, "\u0002"]}]
      elif $event then .
      elif $from == "clients" then .wait += [$frames]
      else .beat[$frames[0] | tojson] as $known | .beat[$frames[0] | tojson] = .now
        | if $known and $frames[1] == "\u0002" then . # else READY, a reply, or back again
          else .free = .free - $frames[:1] + $frames[:1] end
        | if $frames | length == 2 then . else .out = [{to: "clients", frames: $frames[1:]}] end end
    | .beat as $beat | .free |= map(select($beat[tojson]))
    | until(.free == [] or .wait == []; .out += [{to: "workers", frames: (.free[:1] + .wait[0])}]
        | .free |= .[1:] | .wait |= .[1:]); .out[])' zcat hub clients='router -b ./clients' workers='router -b ./workers' \
    --tick 0.2 --drop-unroutable --filter 'jq -cn --unbuffered "$queue"' &
zcat dealer -c ./workers --identity frozen --hello '["\u0001"]' >/dev/null &
worker='foreach inputs as {$event, $frames} (0; if $event then . + 1 else 0 end; # ticks without a word of the queue
    if $event then [if . % 4 == 0 then "\u0001" else "\u0002" end] else $frames | select(length > 1) | .[2] |= ascii_upcase end)' \
    zcat dealer -c ./workers --hello '["\u0001"]' --meta --tick 0.2 --filter 'jq -cn --unbuffered "$worker"' &
check 'replies' "$(printf '"job %s"\n' 1 2 3 | zcat req -c ./clients --timeout 1 --retries 100 | xargs)" '[JOB 1] [JOB 2] [JOB 3]'
libzmq paranoid ./clients ./workers
