#!/bin/sh
# Pairs of sockets beyond REQ and REP: four that work and one that may not.
. "$(dirname "$0")/common.sh"

echo 'REQ to ROUTER: the ROUTER keeps the envelope itself'
$peer router --bind ipc://router --echo --count 1 >seen &
zcat req --connect ipc://router --identity me hello
wait
cat seen

echo 'DEALER to REP: the delimiter is made by hand'
$peer rep --bind ipc://rep --count 1 world >seen &
zcat dealer --connect ipc://rep --count 1 '' hello
wait
cat seen

echo 'DEALER to DEALER: no envelope, and no turns to keep'
$peer dealer --bind ipc://dealer --echo --count 3 >seen &
printf '["%s"]\n' one two three | zcat dealer --connect ipc://dealer --count 3
wait
cat seen

echo 'ROUTER to ROUTER: each has to know the name of the other'
# A ROUTER can send only to a peer that is there: hence --wait-peers.
$peer router --bind ipc://routers --identity you --echo --count 1 >seen &
zcat router --connect ipc://routers --identity me --wait-peers 1 --count 1 you hello
wait
cat seen

echo 'REQ to DEALER: not a legal pair'
# libzmq drops the connection, says nothing, and tries again for ever. zcat says
# so on stderr and ends with status 3, refused.
$peer dealer --bind ipc://wrong 2>/dev/null &
if zcat req --connect ipc://wrong --timeout 20 hello 2>error; then
    echo 'status 0'
else
    echo "status $?"
fi
[ -s error ] || echo 'and not a word'
