#!/bin/sh
# Clone, fourth step: a client that works on a part of the map asks for a subtree, and subscribes to it.
# The server looks at the keys of a snapshot; the subscription does the same for updates.
. "$(dirname "$0")/lib.sh"

zcat hub snapshot='router -b ./snapshot' updates='pub -b ./updates' set='pull -b ./set' --tick 0.1 \
    --skip-invalid --filter "jq -L '$here' -cn --unbuffered --arg role alone -f '$here/clone.jq'" &
jq -cn '("/red/", "/blue/", "/end/") as $tree | range(2) | ["\($tree)\(.)", "", "", "", "\($tree)"]' | zcat push -c ./set
client() { # SUBTREE
    zcat hub - snapshot='dealer -c ./snapshot' updates="sub -c ./updates -s $1 -s HUGZ" set='push -c ./set' --tick 0.1 \
        --filter "jq -L '$here' -cn --unbuffered --arg subtree $1 -f '$here/clone-client.jq'"
}
check 'the tree of red' \
    "$(echo '["/red/2","new"]' | client /red/ | jq -cn 'first(inputs[0] | fromjson | select(length == 3))')" \
    '{"/red/0":"/red/","/red/1":"/red/","/red/2":"new"}'
check 'the tree of blue' "$(client /blue/ </dev/null | jq -cn 'first(inputs[0] | fromjson | select(length == 2))')" \
    '{"/blue/0":"/blue/","/blue/1":"/blue/"}'
