#!/bin/sh
# The empty delimiter: what a REQ puts in front of a request, and who sees it.
. "$(dirname "$0")/common.sh"

# A ROUTER shows all there is: the routing id of the peer, which the ROUTER
# itself put there, and then every frame that came over the wire. The empty
# frame is the REQ's. --echo sends all of it back, id and delimiter too.
zcat router --bind ipc://router --echo --count 1 >seen &

# Connecting before the other side has bound is fine. With --identity the id is
# ours; without it the ROUTER would make one up, five bytes long.
$peer req --connect ipc://router --identity client hello >reply

wait
echo "the ROUTER saw  $(cat seen)"
echo "the REQ got     $(cat reply)"
