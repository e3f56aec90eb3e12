#!/bin/sh
# Suicidal Snail: a subscriber that is too slow for its publisher ends itself instead of living in the past.
# Each update carries the time when it was sent; starting a command for each takes longer than they come apart.
. "$(dirname "$0")/lib.sh"

zcat hub feed='pub -b ./feed' --tick 0.001 --filter 'jq -c --unbuffered "{to: \"feed\", frames: [now | tostring]}"' &
status=0
zcat sub -c ./feed --text | while read -r sent; do
    [ "$(jq -n "now - $sent > 0.5")" = false ] || { echo 'too slow' >last; exit 1; }
done || status=$?
check 'status of the snail' $status 1
check 'its last words' "$(cat last)" 'too slow'
