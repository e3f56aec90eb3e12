#!/bin/sh
# Last value cache: a subscriber that comes late gets the newest message of each topic at once, and all later ones.
# The cache stands between publishers and subscribers: a forwarder that keeps the newest message of each topic.
. "$(dirname "$0")/lib.sh"

zcat proxy --forwarder --last-value ./publishers ./subscribers &
jq -cn 'range(1000) | ["topic \(. % 3)", "\(.)"]' | zcat pub -c ./publishers --wait-subs 1
zcat sub -c ./subscribers -s 'topic 0' -s 'topic 2' | jq -cnS 'label $over | foreach inputs as [$topic, $value] ({};
    .[$topic] = $value; if .["topic 0"] == "999" and .["topic 2"] == "998" then ., break $over else empty end)' >seen
check 'the newest of two topics' "$(cat seen)" '{"topic 0":"999","topic 2":"998"}'
