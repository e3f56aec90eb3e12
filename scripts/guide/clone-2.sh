#!/bin/sh
# Clone, second step: a client that comes late gets a snapshot of all pairs, and then each change once. The server
# (clone.jq) numbers its changes; the client (clone-client.jq) leaves out those that the snapshot holds.
. "$(dirname "$0")/lib.sh"

changes() { jq -cn --argjson from "$1" 'range($from; $from + 100) | ["/key/\(. % 3)", "", "", "", "\(.)"]'; }
{ changes 0; zcat pull -b ./more -n 1 >/dev/null; changes 100; } |
    zcat hub - snapshot='router -b ./snapshot' updates='pub -b ./updates' --tick 0.1 \
        --skip-invalid --filter "jq -L '$here' -cn --unbuffered --arg role alone -f '$here/clone.jq'" &
zcat hub - snapshot='dealer -c ./snapshot' updates='sub -c ./updates' --tick 0.1 </dev/null \
    --filter "jq -L '$here' -cn --unbuffered --arg subtree '' -f '$here/clone-client.jq'" | {
    read -r _ && zcat push -c ./more now # it has a map
    jq -rn 'first(inputs[0] | select(fromjson."/key/1" == "199"))' >map
}
check 'the map of the client' "$(cat map)" '{"/key/0":"198","/key/1":"199","/key/2":"197"}'
