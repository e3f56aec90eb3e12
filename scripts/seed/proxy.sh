#!/bin/sh
# A broker one can see into: ten clients, two workers, and a subscriber that is
# shown every message on its way, first by zcat, then by libzmq's own proxy.
. "$(dirname "$0")/common.sh"

# demo NAME PROXY...: run the scene around a proxy in the directory NAME.
demo() {
    mkdir "$1" && cd "$1" && shift
    # Clients ask at the front, workers answer at the back; the capture publishes
    # a copy of what comes from either.
    "$@" ipc://front ipc://back --capture ipc://watch &
    broker=$!
    $peer sub --connect ipc://watch >watched &
    $peer rep --connect ipc://back world >/dev/null &
    $peer rep --connect ipc://back world >/dev/null &

    # A subscriber misses what is published before its subscription has come, so
    # a client knocks until the subscriber sees that.
    until [ -s watched ]; do
        $peer req --connect ipc://front --identity knock knock >/dev/null
    done

    clients=
    for i in 0 1 2 3 4 5 6 7 8 9; do
        $peer req --connect ipc://front --identity "client-$i" hello >"got-$i" &
        clients="$clients $!"
    done
    for client in $clients; do wait "$client"; done

    # The last reply is watched, too, once its copy is here.
    until [ "$(grep -c client watched)" = 20 ]; do sleep 0.05; done
    kill $broker
    cat got-* >replies
    # Each message has the routing id of its client in front and the delimiter
    # behind that: the envelope that the reply finds its way back by.
    grep client watched | sort >seen
    cd ..
}

demo zcat zcat proxy
demo libzmq /usr/bin/python3 "$here/../peers/proxy.py"

echo "what the clients got:"
cat zcat/replies
echo "what the subscriber saw, sorted:"
cat zcat/seen
cmp zcat/replies libzmq/replies && cmp zcat/seen libzmq/seen && echo "libzmq's proxy: the same"
