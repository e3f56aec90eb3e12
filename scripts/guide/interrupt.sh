#!/bin/sh
# A clean end: a server that is told to stop answers the request that it has in hand, takes no other, and says by its
# status what ended it. SIGTERM does it here; Ctrl-C is SIGINT and does the same.
. "$(dirname "$0")/lib.sh"

zcat rep -b ./server --exec 'zcat push -c ./begun now; zcat pull -b ./go -n 1 >/dev/null; echo done' --in text & server=$!
zcat req -c ./server 'a long job' >reply & client=$!
zcat pull -b ./begun -n 1 >/dev/null
kill $server
zcat push -c ./go now
wait $client
check 'reply' "$(cat reply)" '["done"]'
status=0; wait $server || status=$?
check 'status of the server (SIGTERM)' $status 143
