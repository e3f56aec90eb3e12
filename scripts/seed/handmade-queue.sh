#!/bin/sh
# A queue made by hand: what ROUTER prints DEALER sends, and the other way round.
. "$(dirname "$0")/common.sh"

# Clients ask at the front, workers answer at the back. The ROUTER puts the id
# of the client in front of a request; the DEALER carries it to a worker and
# back; the ROUTER takes it off again and knows which client to answer. An id made up by
# a ROUTER is no text: it travels as {"hex":"00..."} and comes back unharmed.
# `zcat proxy ipc://front ipc://back` is the same, and faster.
mkfifo there back-again
zcat router --bind ipc://front <back-again >there &
zcat dealer --bind ipc://back >back-again <there &

# Two workers share the requests; nobody can tell who answers which.
$peer rep --connect ipc://back --echo >worker-1 &
$peer rep --connect ipc://back --echo >worker-2 &

for i in 0 1 2 3 4 5 6 7 8 9; do
    echo "[\"hello $i\",\"\",\"in three frames\"]"
done | $peer req --connect ipc://front

echo "requests that the workers saw: $(cat worker-1 worker-2 | wc -l)"
