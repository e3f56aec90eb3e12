#!/bin/sh
# File transfer, the simple way: a client asks once, and the server sends all chunks as fast as it can.
# Nothing tells the server when to wait but the high-water marks of the client that reads too slowly.
. "$(dirname "$0")/lib.sh"

seq 200000 >original
zcat router -b ./server --filter 'while read -r asked; do
    base64 <original | tr -d "\n" | fold -w 65536 | jq -cR --argjson asked "$asked" "[\$asked[0], {base64: .}]"
    jq -cn --argjson asked "$asked" "[\$asked[0], \"\"]"; done' &
zcat dealer -c ./server fetch | jq -jn 'label $over | inputs[0] | if . == "" then break $over else . end' >copy
check 'bytes of the original and of its copy' "$(wc -c <original | xargs) $(wc -c <copy | xargs)" '1288895 1288895'
check 'are they the same' "$(cmp original copy && echo yes)" yes
