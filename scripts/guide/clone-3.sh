#!/bin/sh
# Clone, third step: clients change pairs, too. What they push goes to the server, which alone publishes,
# so that all have the same changes in the same order.
. "$(dirname "$0")/lib.sh"

zcat hub snapshot='router -b ./snapshot' updates='pub -b ./updates' set='pull -b ./set' --tick 0.1 \
    --skip-invalid --filter "jq -L '$here' -cn --unbuffered --arg role alone -f '$here/clone.jq'" &
for client in red blue; do
    jq -cn --arg me $client 'range(101) | ["/\($me)/\(. % 2)", "\(.)"]' |
        zcat hub - snapshot='dealer -c ./snapshot' updates='sub -c ./updates' set='push -c ./set' --tick 0.1 \
            --filter "jq -L '$here' -cn --unbuffered --arg subtree '' -f '$here/clone-client.jq'" |
        jq -cnS 'first(inputs[0] | fromjson | select(."/red/0" == "100" and ."/blue/0" == "100"))' >map-$client &
    clients="${clients-} $!"
done
for pid in $clients; do wait "$pid"; done
check 'map of red' "$(cat map-red)" '{"/blue/0":"100","/blue/1":"99","/red/0":"100","/red/1":"99"}'
check 'map of blue' "$(cat map-blue)" "$(cat map-red)"
