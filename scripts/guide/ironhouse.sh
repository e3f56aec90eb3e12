#!/bin/sh
# The iron house (CURVE both ways): the server lets in those clients only whose public keys it has.
# It knows who sent a message, and nobody in between can read or change it.
. "$(dirname "$0")/lib.sh"

for who in server friend stranger; do zcat keygen $who >/dev/null; done
mkdir friends && cp friend.key friends
zcat pull -b ./server --curve-server --curve-secret server.key_secret --curve-allow friends \
    -n 1 --meta >got 2>/dev/null & server=$!
status=0
zcat push -c ./server --curve-server-cert server.key --curve-secret stranger.key_secret 'let me in' 2>/dev/null || status=$?
check 'status of a stranger (refused)' $status 3
zcat push -c ./server --curve-server-cert server.key --curve-secret friend.key_secret hello
wait $server
check 'message and its sender' "$(jq -c '[.user] + .frames' got)" '["friend","hello"]'
