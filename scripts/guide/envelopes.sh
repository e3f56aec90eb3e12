#!/bin/sh
# Envelopes of published messages: the key is a frame of its own, and only that is matched.
# What follows it may look like any key without being taken for one.
. "$(dirname "$0")/lib.sh"

zcat sub -c ./news -s B -n 2 >seen & reader=$!
zcat pub -b ./news --wait-subs 1 <<'LINES'
["A","B is not the key here"]
["B","we want this"]
["AB","B"]
["B","from node 5","and this"]
LINES
wait $reader
check 'what a subscriber to B gets' "$(tr '\n' ' ' <seen)" '["B","we want this"] ["B","from node 5","and this"] '
