#!/bin/sh
# The wood house (PLAIN): a name and a password, in clear. It keeps out mistakes, not who listens on the wire.
# The server knows who sent a message; who has another password is refused.
. "$(dirname "$0")/lib.sh"

echo admin:secret >users
zcat pull -b ./server --plain-server users -n 1 --meta >got 2>refused & server=$!
status=0
ZCAT_PLAIN_PASSWORD=guess zcat push -c ./server --plain-user admin 'let me in' 2>/dev/null || status=$?
check 'status with a wrong password (refused)' $status 3
ZCAT_PLAIN_PASSWORD=secret zcat push -c ./server --plain-user admin hello
wait $server
check 'message and its sender' "$(jq -c '[.user] + .frames' got)" '["admin","hello"]'
