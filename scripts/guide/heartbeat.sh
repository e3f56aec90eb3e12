#!/bin/sh
# Heartbeats: a peer that hangs is still connected, but it answers no PING. The connection itself beats (--heartbeat), so
# that no protocol has to, and the one that was lost is told of as one that left (--presence).
. "$(dirname "$0")/lib.sh"

zcat dealer -c ./router --identity joe & peer=$!
zcat router -b ./router --meta --presence --heartbeat 0.2 2>/dev/null | while read -r event; do
    echo "$event"
    case $event in *joined*) kill -STOP $peer ;; *left*) kill -CONT $peer; break ;; esac
done >events
check 'what the router tells of joe' "$(jq -r '"\(.id) \(.event)"' events | xargs)" 'joe joined joe left'
