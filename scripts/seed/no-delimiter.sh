#!/bin/sh
# What has no delimiter is not a request, and not a reply either.
. "$(dirname "$0")/common.sh"

# A REP passes over messages without an empty frame, and those that end with
# it: there is no body to show. It sends no reply and takes the next one.
zcat rep --bind ipc://rep --count 1 world >requests &
$peer dealer --connect ipc://rep --count 1 >replies <<'LINES'
["hello without a delimiter"]
["A","hello without a delimiter"]
[""]
["A",""]
["","hello"]
LINES
wait
echo "the REP saw     $(cat requests)"
echo "the DEALER got  $(cat replies)"

# A REQ passes over such replies. Here the ROUTER answers each request with two
# lines, of which only the second is a reply. Mind the order: opening a fifo
# waits for its other end, so the two open them in the same order.
mkfifo in out
$peer router --bind ipc://router <in >out &
while read -r _; do
    echo '["client","world without a delimiter"]'
    echo '["client","","world"]'
done >in <out &
echo "the REQ got     $(zcat req --connect ipc://router --identity client hello)"
