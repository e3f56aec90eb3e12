#!/bin/sh
# Freelance, by names: a ROUTER connects to all servers, and knows which are there by their names. A request goes
# to one of them; if that leaves (a heartbeat notices when it does so silently), to another one.
. "$(dirname "$0")/lib.sh"

rules='foreach inputs as {$event, $at, $id, $from, $frames} ({up: [], wait: [], sent: []}; .out = []
    | if $at == "servers" and $event == "joined" then .up += [$id]
      elif $at == "servers" and $event == "left" then .up -= [$id]
        | .wait += [.sent[] | select(.[0] == $id)[1:]] | .sent |= map(select(.[0] != $id))
      elif $from == "clients" then .wait += [$frames]
      elif $from == "servers" then .out = [{to: "clients", frames: $frames[1:]}] | .sent |= map(select(.[1] != $frames[1]))
      else . end
    | if .up == [] then . else .up[:1] as $server | .sent += [.wait[] | $server + .]
        | .out += [.wait[] | {to: "servers", frames: ($server + .)}] | .wait = [] end;
    .out[])' zcat hub clients='router -b ./agent' servers='router -c ./one -c ./two' --presence --heartbeat 1 \
    --filter 'jq -cn --unbuffered "$rules"' &
{ # the first server leaves in the middle of a request
    zcat router -b ./one --identity one -n 1 >lost
    exec zcat router -b ./two --identity two --exec 'echo hello from two' --in text
} &
check 'reply' "$(zcat req -c ./agent hello)" '["hello from two"]'
check 'request that server one left with' "$(jq -r '.[-1]' lost)" hello
