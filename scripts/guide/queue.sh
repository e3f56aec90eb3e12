#!/bin/sh
# A shared queue: the same broker as one command, which knows nothing of what it carries.
# Requests go to the workers in turn, each reply to the client that asked.
. "$(dirname "$0")/lib.sh"

zcat proxy ./clients ./workers &
for worker in 1 2 3; do zcat rep -c ./workers --echo >requests$worker & done
printf 'red %s\n' 1 2 3 | zcat req -c ./clients --text >replies & client=$!
check 'what client blue got' "$(printf 'blue %s\n' 1 2 3 | zcat req -c ./clients --text | xargs)" 'blue 1 blue 2 blue 3'
wait $client
check 'what client red got' "$(xargs <replies)" 'red 1 red 2 red 3'
