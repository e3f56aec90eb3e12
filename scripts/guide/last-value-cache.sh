#!/bin/sh
# Last value cache: a subscriber that comes late gets the newest message of each topic at once, and all later ones.
# The cache stands between publishers and subscribers; a subscription is a message that it sees.
. "$(dirname "$0")/lib.sh"

cache='foreach inputs as {$from, $frames} ({};
    if $from == "publishers" then .[$frames[0]] = $frames else . end;
    if $from == "publishers" then $frames
        elif $frames[0][:1] == "\u0001" then .[] | select(.[0] | startswith($frames[0][1:]))
        else empty end
    | {to: "subscribers", frames: .})' \
    zcat hub publishers='sub -b ./publishers' subscribers='xpub -b ./subscribers' --filter 'jq -cn --unbuffered "$cache"' &
jq -cn 'range(1000) | ["topic \(. % 3)", "\(.)"]' | zcat pub -c ./publishers --wait-subs 1
zcat sub -c ./subscribers -s 'topic 0' -s 'topic 2' | jq -cnS 'label $over | foreach inputs as [$topic, $value] ({};
    .[$topic] = $value; if .["topic 0"] == "999" and .["topic 2"] == "998" then ., break $over else empty end)' >seen
check 'the newest of two topics' "$(cat seen)" '{"topic 0":"999","topic 2":"998"}'
