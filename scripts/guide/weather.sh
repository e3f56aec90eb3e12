#!/bin/sh
# Weather: a server publishes temperatures of many places, for ever and to whoever listens.
# A client subscribes to one place, by the first characters of a message, and takes the mean.
. "$(dirname "$0")/lib.sh"

awk 'BEGIN { for (;;) print 10000 + int(10 * rand()), 15 + int(10 * rand()) }' | zcat pub -b ./weather --text &
zcat sub -c ./weather -s '10001 ' -n 100 --text >seen
check 'places in 100 updates' "$(cut -d ' ' -f 1 seen | sort -u)" 10001
mean=$(awk '{ sum += $2 } END { print int(sum / NR) }' seen)
check "is $mean, their mean, between 15 and 24" "$([ "$mean" -ge 15 ] && [ "$mean" -le 24 ] && echo yes)" yes
