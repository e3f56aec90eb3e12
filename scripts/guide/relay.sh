#!/bin/sh
# A bridge: a proxy subscribes to a publisher outside and publishes again inside its own network.
# Subscriptions travel through it, so that only what somebody wants crosses the bridge.
. "$(dirname "$0")/lib.sh"

zcat proxy --forwarder --front-connect ./outside --back-bind ./inside --capture crossed & bridge=$!
zcat sub -c ./inside -s '10001 ' -n 10 --text >seen & reader=$!
awk 'BEGIN { for (;;) print 10000 + int(10 * rand()), 15 + int(10 * rand()) }' | zcat pub -b ./outside --text &
wait $reader; kill $bridge; wait $bridge || [ $? = 143 ] # it has written all that crossed
check 'places seen inside' "$(cut -d ' ' -f 1 seen | sort -u)" 10001
check 'places that crossed' "$(jq -r 'select(.from == "front").frames[0] | .[:5]' crossed | sort -u)" 10001
