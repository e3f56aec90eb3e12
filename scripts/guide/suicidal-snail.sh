#!/bin/sh
# Suicidal Snail: a subscriber that is too slow for its publisher ends itself instead of living in the past.
# Each update carries the time when it was sent; the work on one takes longer than they come apart.
. "$(dirname "$0")/lib.sh"

zcat hub feed='pub -b ./feed' --tick 0.01 --filter 'jq -c --unbuffered "{to: \"feed\", frames: [now | tostring]}"' &
status=0
zcat sub -c ./feed --text | while read -r sent; do
    sleep 0.1 # the work
    late=$(jq -n "now - $sent > 0.5")
    [ "$late" = false ] || { echo 'too slow' >end; exit 1; }
done || status=$?
check 'status of the snail' $status 1
check 'its last words' "$(cat end)" 'too slow'
