#!/bin/sh
# Divide and conquer: a ventilator hands out tasks, workers share them, a sink collects the results.
# Pipes join the two sockets of a worker; the ventilator waits for all of them, or the first would get all.
. "$(dirname "$0")/lib.sh"

for worker in 1 2 3; do # a task is a number, the work is its square
    zcat pull -c ./tasks --text | while read -r n; do echo "$worker $((n * n))"; done | zcat push -c ./sink --text &
done
zcat pull -b ./sink -n 100 --text >results & sink=$!
seq 100 | zcat push -b ./tasks --wait-peers 3 --text
wait $sink
check 'sum of the squares from 1 to 100' "$(awk '{ sum += $2 } END { print sum }' results)" 338350
check 'workers that took part' "$(cut -d ' ' -f 1 results | sort -u | xargs)" '1 2 3'
