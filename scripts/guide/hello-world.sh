#!/bin/sh
# Hello world: a client asks ten times, a server answers each request before it takes the next.
# It does not matter who starts first.
. "$(dirname "$0")/lib.sh"

zcat rep -b ./server -n 10 world >requests & server=$!
zcat req -c ./server --repeat 10 hello >replies
wait $server
check 'requests that the server saw' "$(sort requests | uniq -c | xargs)" '10 [hello]'
check 'replies that the client got' "$(sort replies | uniq -c | xargs)" '10 [world]'
