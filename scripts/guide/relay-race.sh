#!/bin/sh
# Signals between steps: each step waits for the one before, on a PAIR of sockets for the two alone.
# Nobody polls and nobody sleeps; whoever is started first is done last.
. "$(dirname "$0")/lib.sh"

{ zcat pair -b ./step3 -n 1 listening >/dev/null && echo 3 >>log; } & last=$!
{ zcat pair -b ./step2 -n 1 listening >/dev/null && echo 2 >>log && zcat pair -c ./step3 -n 1 go >/dev/null; } &
{ echo 1 >>log && zcat pair -c ./step2 -n 1 go >/dev/null; } &
wait $last
check 'steps, in the order in which they were done' "$(xargs <log)" '1 2 3'
