#!/bin/sh
# Signals between steps: each step waits for the one before, on a PAIR of sockets for the two alone.
# Nobody polls and nobody sleeps; whoever is started first is done last.
. "$(dirname "$0")/lib.sh"

{ echo "step 3 after $(zcat pair -b ./step3 --text -n 1 listening)" >>log; } & last=$!
{
    echo "step 2 after $(zcat pair -b ./step2 --text -n 1 listening)" >>log
    zcat pair -c ./step3 -n 1 'step 2' >/dev/null
} &
{
    echo 'step 1' >>log
    zcat pair -c ./step2 -n 1 'step 1' >/dev/null
} &
wait $last
check 'what happened' "$(paste -sd , log)" 'step 1,step 2 after step 1,step 3 after step 2'
