#!/bin/sh
# Espresso: a proxy between publishers and subscribers, and a wire tap that sees all that passes it.
# Subscriptions are messages, too, and go the other way.
. "$(dirname "$0")/lib.sh"

zcat proxy --forwarder ./publishers ./subscribers --capture tap & proxy=$!
zcat sub -c ./subscribers -s A -s B -n 4 --text >seen & reader=$!
printf '%s\n' A1 B1 C1 A2 B2 C2 | zcat pub -c ./publishers --wait-subs 1:A --wait-subs 1:B --text
wait $reader; kill $proxy; wait $proxy || [ $? = 143 ] # it has written all of the tap
check 'what the subscriber got' "$(xargs <seen)" 'A1 B1 A2 B2'
check 'what the tap saw, from the front' "$(jq -r 'select(.from == "front").frames[0]' tap | xargs)" 'A1 B1 A2 B2'
check 'and from the back, behind a byte 01' "$(jq -r 'select(.from == "back").frames[0][1:2]' tap | sort -u | xargs)" 'A B'
