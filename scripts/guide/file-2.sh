#!/bin/sh
# File transfer, at the pace of the client: it asks for each chunk by its place when it has the one before.
# No more than a chunk is under way, and no time is lost but that of a round trip for each.
. "$(dirname "$0")/lib.sh"

{ seq 100000; head -c 300000 /dev/urandom; } >original # whatever bytes
zcat router -b ./server --exec 'read -r verb from; case $verb in
    size) wc -c <original ;;
    fetch) tail -c +$((from + 1)) original | head -c 50000 ;; esac' &
size=$(zcat req -c ./server --raw size)
seq -f 'fetch %.0f' 0 50000 $((size - 1)) | zcat req -c ./server --in text --out raw >copy
check 'are original and copy the same' "$(cmp original copy && echo yes)" yes
