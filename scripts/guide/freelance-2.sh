#!/bin/sh
# Freelance, the shotgun: a client sends the same request to all servers that are there, and takes the first reply.
# A number in front tells the replies to one request from those to the last, which come late. Two of three are there.
. "$(dirname "$0")/lib.sh"

for server in one three; do zcat rep -b ./$server --echo >/dev/null & done
rules='foreach inputs as {$from, $event, $at, $frames} ({n: 0, there: 0}; .out = []
    | if $event == "joined" and $at == "servers" then .there += 1
      elif $event == "left" and $at == "servers" then .there -= 1
      elif $from == "app" then .n += 1 | .ask = ["", "\(.n)"] + $frames
      elif $from and .n != .got and $frames[1] == "\(.n)" then .got = .n | .out = [{to: "app", frames: $frames[2:]}]
      else . end
    | if .ask and .there > 1 then .out = [range(.there) as $_ | {to: "servers", frames: .ask}] | .ask = null else . end;
    .out[])' zcat hub app='rep -b ./app' servers='dealer -c ./one -c ./two -c ./three --immediate' --presence \
    --filter 'jq -cn --unbuffered "$rules"' &
check 'replies' "$(printf '"ask %s"\n' 1 2 3 | zcat req -c ./app | xargs)" '[ask 1] [ask 2] [ask 3]'
