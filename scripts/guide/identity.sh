#!/bin/sh
# Identity: a ROUTER names every peer. One that brings no name is given one, five bytes of which
# the first is zero; one that brings a name is known by it.
. "$(dirname "$0")/lib.sh"

zcat router -b ./router --echo -n 2 --out hex >seen & router=$!
zcat req -c ./router 'I have no name' >/dev/null
zcat req -c ./router --identity PEER2 'I am PEER2' >/dev/null
wait $router
check 'name of the first peer, in hex' "$(sed -n '1s/^00[0-9a-f]\{8\} .*/00 and eight digits/p' seen)" '00 and eight digits'
check 'name of the second peer, in hex' "$(sed -n '2s/ .*//p' seen)" "$(printf PEER2 | od -An -tx1 | tr -d ' ')"
