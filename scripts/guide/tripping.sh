#!/bin/sh
# Round trips: a REQ waits for each reply before it asks again, a DEALER does not. Through the same queue the same requests
# then take a fraction of the time; how much depends on the machine, and is shown, not judged.
. "$(dirname "$0")/lib.sh"

zcat proxy ./clients ./workers &
zcat dealer -c ./workers --echo >/dev/null &
seq 3000 | zcat req -c ./clients --text --summary >one-by-one 2>time1
seq 3000 | sed 's/.*/["","&"]/' | zcat dealer -c ./clients -n 3000 --summary 2>time2 | jq -r '.[1]' >all-at-once
check 'replies, one by one' "$(seq 3000 | cmp - one-by-one && wc -l <one-by-one | xargs)" 3000
check 'replies, all at once' "$(seq 3000 | cmp - all-at-once && wc -l <all-at-once | xargs)" 3000
jq -rs 'map(.summary.seconds) | "seconds: \(.[0]), and \(.[1])"' time1 time2
