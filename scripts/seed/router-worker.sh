#!/bin/sh
# A server in one line of jq: a ROUTER whose stdout is its own stdin, edited.
. "$(dirname "$0")/common.sh"

# The ROUTER prints each request behind the id of its sender and the delimiter.
# jq changes the last frame and leaves the two in front, which are the way back.
# (Opening a fifo waits for its other end: both open `replies` first.)
mkfifo requests replies
zcat router --bind ipc://server <replies >requests &
jq --unbuffered -c '.[-1] |= sub("hello"; "world")' >replies <requests &

# Two clients, five requests each. Each gets the replies to its own.
client() {
    for i in 1 2 3 4 5; do
        echo "[\"hello $i from $1\"]"
    done | $peer req --connect ipc://server >"$1"
}
client anna &
anna=$!
client bert &
wait $anna $!

cat anna bert
