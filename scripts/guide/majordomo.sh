#!/bin/sh
# Majordomo (RFC 7): clients ask for a service by its name, workers offer one; the broker (majordomo.jq) knows who
# is there by the connections themselves (--presence), and beats for the workers that want it.
. "$(dirname "$0")/lib.sh"
zcat router -b ./broker --meta --presence --tick 1 --drop-unroutable --skip-invalid --filter "jq -cn --unbuffered -f '$here/majordomo.jq'" &
work='if .event then ["", "MDPW01", "\u0004"] elif .frames[2] == "\u0005" then ["", "MDPW01", "\u0001", "shout"]
    else .frames | select(.[2] == "\u0002") | .[2] = "\u0003" | .[5] |= ascii_upcase end' \
    zcat dealer -c ./broker --hello '["","MDPW01","\u0001","shout"]' --meta --tick 1 --skip-invalid --filter 'jq -c --unbuffered "$work"' &
check 'reply of the service' "$(zcat req -c ./broker MDPC01 shout hello)" '["MDPC01","shout","HELLO"]'
libzmq majordomo ./broker
