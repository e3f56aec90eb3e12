#!/bin/sh
# The stone house (CURVE): all is encrypted, and clients know the server by its public key. Any client that has that key
# is let in, with a pair of keys that it makes for the occasion.
. "$(dirname "$0")/lib.sh"

zcat keygen server >/dev/null
zcat pull -b ./server --curve-server --curve-secret server.key_secret -n 1 >got 2>/dev/null & server=$!
status=0
zcat push -c ./server 'no key at all' 2>/dev/null || status=$?
check 'status without a key (refused)' $status 3
zcat push -c ./server --curve-server-cert server.key hello
wait $server
check 'message' "$(cat got)" '["hello"]'
