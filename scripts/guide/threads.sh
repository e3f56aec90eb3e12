#!/bin/sh
# A server with several workers: one socket, and a command for each request, up to three at a time.
# Each command waits until three are at work: with fewer, nobody would get a reply.
. "$(dirname "$0")/lib.sh"

meet='foreach inputs as $m ([]; if length < 3 then . + [$m] else [$m] end; select(length == 3)[])' \
    zcat hub meet='router -b ./meet' --filter 'jq -cn --unbuffered "$meet"' &
zcat router -b ./server --jobs 3 --exec 'zcat req -c ./meet --raw "$(cat) is done"' &
for client in 1 2 3; do zcat req -c ./server --text "job $client" >reply$client & asking="${asking-} $!"; done
for pid in $asking; do wait "$pid"; done
check 'replies' "$(cat reply1 reply2 reply3 | xargs)" 'job 1 is done job 2 is done job 3 is done'
