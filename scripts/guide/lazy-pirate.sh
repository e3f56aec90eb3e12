#!/bin/sh
# Lazy Pirate: a client that gets no reply in time asks again on a fresh connection, and gives up in the end.
# The server crashes over the first request, without a word, and is started again.
. "$(dirname "$0")/lib.sh"

{ zcat router -b ./server -n 1 >lost; exec zcat rep -b ./server --echo >/dev/null; } &
check 'reply' "$(zcat req -c ./server --timeout 0.3 --retries 100 'are you there?')" '["are you there?"]'
check 'request that was lost' "$(jq -r '.[2]' lost)" 'are you there?'
status=0
zcat req -c ./nowhere --timeout 0.1 --retries 2 'are you there?' 2>complaint || status=$?
check 'status where there is no server' $status 124
