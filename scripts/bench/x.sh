#!/usr/bin/env bash
# Lines of two frames, 100 bytes, from a file through PUSH and PULL to a file:
# how long zcat takes, a C program on libzmq that does no JSON, and pyzmq.
#
#   scripts/bench/run.sh [ROUNDS [LINES]]     default 7 rounds, a million lines
#
# Machines drift, so the contestants take turns within each round, and only
# ratios of medians are worth comparing. There is no target: it never fails for
# being slow, only for losing or changing a line.
set -euo pipefail
rounds=${1:-7}
lines=${2:-1000000}

here=$(cd "$(dirname "$0")" && pwd)
zcat=$here/../../zcat
dir=$(mktemp -d)
trap 'kill "$!" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"

gcc -O2 -o lines "$here/lines.c" -lzmq
# A line is 100 bytes of JSON, the newline counted; the same frames follow with a TAB.
awk -v n="$lines" 'BEGIN {
    body = sprintf("%80s", ""); gsub(/ /, "x", body)
    for (i = 0; i < n; i++) printf "[\"%012d\",\"%s\"]\n", i, body
}' >in.json
sed 's/^\["//; s/","/\t/; s/"\]$//' in.json >in.text
sed 's/.*/&/; s/\t.*//' in.text | od -An -v -tx1 -w13 | sed 's/^ //; s/ 0a$//; s/ //g' >ids.hex
body=$(printf 'x%.0s' $(seq 80) | od -An -v -tx1 | tr -d ' \n')
sed "s/\$/ $body/" ids.hex >in.hex

# name, input, then the commands of the sender and of the receiver.
contest() {
    case $1 in
    zcat-json) run json "$zcat push --connect $2" "$zcat pull --bind $2 --count $lines" ;;
    zcat-text) run text "$zcat push -T --connect $2" "$zcat pull -T --bind $2 --count $lines" ;;
    zcat-hex) run hex "$zcat push -x --connect $2" "$zcat pull -x --bind $2 --count $lines" ;;
    libzmq-c) run text "./lines push $2 $lines" "./lines pull $2 $lines" ;;
    pyzmq-json) run json "$here/lines.py push $2 $lines" "$here/lines.py pull $2 $lines" ;;
    esac
}
contestants="libzmq-c pyzmq-json"

# listening PORT: whether somebody does, as the kernel writes it (0A is LISTEN).
listening() { grep -q "$(printf '0100007F:%04X 00000000:0000 0A' "$1")" /proc/net/tcp; }

# ready ENDPOINT: until the receiver has bound it. A sender that came too early
# would wait for its next attempt to connect, and that is not what we measure.
ready() {
    case $1 in
    ipc://*) until [ -S "${1#ipc://}" ]; do sleep 0.01; done ;;
    tcp://*) until listening "${1##*:}"; do sleep 0.01; done ;;
    esac
}

# run FORMAT SENDER RECEIVER: the microseconds from the start of the sender to
# the exit of both.
run() {
    $3 >out &
    ready "$endpoint"
    local begin=$EPOCHREALTIME
    $2 <"in.$1"
    wait $!
    local end=$EPOCHREALTIME
    cmp -s "in.$1" out || { echo "bench: $2: the output differs from the input" >&2; exit 1; }
    echo $((${end/./} - ${begin/./}))
}

# fresh TRANSPORT sets endpoint to one that nobody uses.
fresh() {
    rm -f socket
    endpoint=ipc://$dir/socket
    [ "$1" = tcp ] || return 0
    local port
    for ((port = 20000 + RANDOM % 10000; ; port++)); do listening $port || break; done
    endpoint=tcp://127.0.0.1:$port
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

printf '%s lines of 100 bytes, %s rounds, %s processors, %s\n' \
    "$lines" "$rounds" "$(nproc)" "$(echo | head -n 1)"
for transport in ipc tcp; do
    rm -f ./*.us
    for ((round = 0; round < rounds; round++)); do
        for c in $contestants; do
            fresh "$transport"
            contest "$c" "$endpoint" >>"$c.us"
        done
    done
    printf '\n%-12s %10s %12s %12s\n' "$transport" seconds 'lines/s' 'to libzmq-c'
    reference=$(median libzmq-c.us)
    for c in $contestants; do
        awk -v c="$c" -v us="$(median "$c.us")" -v n="$lines" -v ref="$reference" \
            'BEGIN { printf "%-12s %10.3f %12.0f %11.2fx\n", c, us / 1e6, n / us * 1e6, ref / us }'
    done
done
