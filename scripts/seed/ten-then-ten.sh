#!/bin/sh
# A DEALER keeps no turns: ten requests are on their way before the first reply.
. "$(dirname "$0")/common.sh"

# The server makes sure of it: it answers nothing before it has seen all ten.
mkfifo in out
$peer router --bind ipc://server <in >out &
{
    head -n 10 | tee requests >all
    sed 's/hello/world/' all
} >in <out &

for i in 0 1 2 3 4 5 6 7 8 9; do
    echo "[\"[0$i]-hello\"]"
done | zcat dealer --connect ipc://server --identity client --count 10 >replies

cat requests replies
