#!/bin/sh
# Clone, fifth step: a pair with a time to live goes when its time is over, unless it is set again before.
# The server looks at its clock at every tick, and publishes that the value is empty now.
. "$(dirname "$0")/lib.sh"

zcat hub snapshot='router -b ./snapshot' updates='pub -b ./updates' set='pull -b ./set' \
    collector='sub -b ./collector' --tick 0.1 \
    --skip-invalid --filter "jq -L '$here' -cn --unbuffered --arg role alone -f '$here/clone.jq'" &
printf '%s\n' '["/for/ever","stays"]' '["/for/a/second","goes","ttl=1\n"]' |
    zcat hub - snapshot='dealer -c ./snapshot' updates='sub -c ./updates' set='push -c ./set' --tick 0.1 \
        --filter "jq -L '$here' -cn --unbuffered --arg subtree '' -f '$here/clone-client.jq'" |
    jq -rn 'label $gone | foreach (inputs[0] | fromjson) as $map (false; . or $map."/for/a/second";
        if . and ($map."/for/a/second" | not) then ($map | tojson), break $gone else empty end)' >map
check 'the map when the second is over' "$(cat map)" '{"/for/ever":"stays"}'
libzmq clone ./snapshot ./updates ./collector # the RFC has a SUB there, the Guide a PULL
