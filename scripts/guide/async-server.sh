#!/bin/sh
# Asynchronous server: clients send requests without waiting, and get any number of replies to each.
# Behind the socket of the server a queue hands them to workers; here request N has N replies.
. "$(dirname "$0")/lib.sh"

zcat proxy ./server ./workers &
for worker in 1 2 3; do
    zcat dealer -c ./workers --identity $worker --filter \
        'jq -c --unbuffered ". as [\$_, \$n] | range(\$n | tonumber) as \$_ | ."' &
done
for client in red blue; do
    seq 5 | zcat dealer -c ./server -n 15 --text >replies-$client & clients="${clients-} $!"
done
for pid in $clients; do wait "$pid"; done
check 'replies to red' "$(sort replies-red | xargs)" '1 2 2 3 3 3 4 4 4 4 5 5 5 5 5'
check 'replies to blue' "$(sort replies-blue | xargs)" '1 2 2 3 3 3 4 4 4 4 5 5 5 5 5'
