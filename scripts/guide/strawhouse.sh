#!/bin/sh
# The grasslands and the straw house (NULL): no security but where the endpoint is. Whoever reaches it is let in; a socket
# in a directory of our own is reached by ourselves alone.
. "$(dirname "$0")/lib.sh"

mkdir -m 700 ours
zcat pull -b ./ours/socket -n 1 --meta >got & server=$!
zcat push -c ./ours/socket hello
wait $server
check 'message' "$(jq -c .frames got)" '["hello"]'
check 'who it is from' "$(jq .user got)" null
check 'mode of the directory' "$(stat -c %a ours)" 700
