#!/bin/sh
# Synchronised publishing: nothing is sent before three subscribers are there, and none misses a message.
# A publisher knows its subscriptions, so that nobody has to say hello on a second pair of sockets.
. "$(dirname "$0")/lib.sh"

for reader in 1 2 3; do zcat sub -c ./news -n 10000 --text >seen$reader & readers="${readers-} $!"; done
seq 10000 | zcat pub -b ./news --wait-subs 3 --hwm 0 --text
for pid in $readers; do wait "$pid"; done
check 'updates seen by each' \
    "$(for r in 1 2 3; do seq 10000 | cmp - seen$r && wc -l <seen$r; done | xargs)" '10000 10000 10000'
