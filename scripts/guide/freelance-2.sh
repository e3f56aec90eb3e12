#!/bin/sh
# Freelance, the shotgun: a client sends the same request to all servers and takes the first reply.
# A number in front tells the replies to one request from those to the next, which come late.
. "$(dirname "$0")/lib.sh"

for server in one three; do zcat rep -b ./$server --echo >/dev/null & done
rules='{pause: "app"}, (foreach inputs as {$from, $event, $frames} ({n: 0, there: 0}; .out = []
    | if $event == "joined" then .there += 1 | if .there == 2 then .out = [{resume: "app"}] else . end
      elif $event == "left" then .there -= 1
      elif $from == "app" then .n += 1 | .n as $n | .out = [range(.there) | {to: "servers", frames: (["", "\($n)"] + $frames)}]
      elif .n != .got and $frames[1] == "\(.n)" then .got = .n | .out = [{to: "app", frames: $frames[2:]}] else . end; .out[]))' \
    zcat hub app='rep -b ./app' servers='dealer -c ./one -c ./two -c ./three --immediate' --presence --filter 'jq -cn --unbuffered "$rules"' &
check 'replies' "$(printf '"ask %s"\n' 1 2 3 | zcat req -c ./app | xargs)" '[ask 1] [ask 2] [ask 3]'
