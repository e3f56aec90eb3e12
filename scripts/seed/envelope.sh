#!/bin/sh
# The envelope: a REP takes it off the request and puts it back on the reply.
. "$(dirname "$0")/common.sh"

# Everything up to the first empty frame is the envelope: the way back, one
# routing id for each ROUTER that the request came through. A REP never shows it.
zcat rep --bind ipc://rep --count 3 world >requests &

# A DEALER adds nothing, so we can write envelopes of our own: no id, one, two.
$peer dealer --connect ipc://rep --count 3 >replies <<'LINES'
["","hello"]
["A","","hello"]
["A","B","","hello"]
LINES

wait
echo 'the REP saw'
cat requests
echo 'the DEALER got'
cat replies
