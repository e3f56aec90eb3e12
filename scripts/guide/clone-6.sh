#!/bin/sh
# Clone, sixth step: a pair of servers. The backup keeps a copy, and what clients set since; when the primary is silent
# and a client asks, it publishes that and goes on. Clients speak to both, and hear whichever publishes.
. "$(dirname "$0")/lib.sh"

server() { # ROLE OTHER
    exec zcat hub snapshot="router -b ./$1" updates="pub -b ./$1-updates" set="pull -b ./$1-set" --tick 0.1 \
        other="sub -c ./$2-updates" copy="dealer -c ./$2" \
        --skip-invalid --filter "jq -L '$here' -cn --unbuffered --arg role $1 -f '$here/clone.jq'"
}
client() { # KEY VALUE
    jq -cn '$ARGS.positional' --args "$@" | zcat hub - snapshot='dealer -c ./primary -c ./backup --immediate' --linger 0 \
        updates='sub -c ./primary-updates -c ./backup-updates' set='push -c ./primary-set' twin='push -c ./backup-set' \
        --tick 0.1 \
        --filter "jq -L '$here' -cn --unbuffered --arg subtree '' --arg twin twin -f '$here/clone-client.jq'" |
        jq -rn --arg key "$1" 'first(inputs[0] | select(fromjson[$key]))'
}
server primary backup & primary=$!
server backup primary &
check 'map of the first client' "$(client /one 1)" '{"/one":"1"}'
kill $primary
check 'map of the second client' "$(client /two 2)" '{"/one":"1","/two":"2"}'
