#!/bin/sh
# Clone, sixth step: a pair of servers. The backup keeps a copy, and what clients set since; when the primary is silent
# and a client asks, it publishes that and goes on. Clients speak to both, and hear whichever publishes.
. "$(dirname "$0")/lib.sh"

server() { # ROLE OTHER
    exec zcat hub snapshot="router -b ./$1" updates="pub -b ./$1-updates" set="sub -b ./$1-set" --tick 0.1 \
        other="sub -c ./$2-updates" copy="dealer -c ./$2" \
        --filter "jq -L '$here' -cn --unbuffered --arg role $1 -f '$here/clone.jq'"
}
client() { # SERVERS KEY VALUE: sets a pair once so many servers are there
    jq -cn '[$ARGS.positional[]]' --args "$2" "$3" | zcat hub - snapshot='dealer -c ./primary -c ./backup --immediate' \
        updates='sub -c ./primary-updates -c ./backup-updates' set="pub -c ./primary-set -c ./backup-set --wait-subs $1" --tick 0.1 \
        --filter "jq -L '$here' -cn --unbuffered --arg subtree '' -f '$here/clone-client.jq'" |
        jq -rn --arg key "$2" 'first(inputs[0] | select(fromjson[$key]))'
}
server primary backup & primary=$!
server backup primary &
check 'map of the first client' "$(client 2 /one 1)" '{"/one":"1"}'
kill $primary
check 'map of the second client' "$(client 1 /two 2)" '{"/one":"1","/two":"2"}'
