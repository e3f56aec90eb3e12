#!/bin/sh
# Hello world, ten times: a client asks, a server answers.
. "$(dirname "$0")/common.sh"

# The server takes any free port and writes down which. It prints every request
# and answers all of them with the one frame `world`.
$peer rep --bind 'tcp://127.0.0.1:*' --endpoint-file server --count 10 world >requests &
await server

# A line is a message, an array of its frames. REQ sends the next request only
# when the reply to the last one is here.
for i in 0 1 2 3 4 5 6 7 8 9; do
    echo "[\"hello $i\"]"
done | zcat req --connect "$(cat server)"

wait
cat requests
