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
# A line is 100 bytes of JSON, the newline counted; the same frames follow with a
# TAB, and in hex, where a digit has a 3 in front.
awk -v n="$lines" 'BEGIN {
    body = sprintf("%80s", ""); gsub(/ /, "x", body)
    for (i = 0; i < n; i++) printf "[\"%012d\",\"%s\"]\n", i, body
}' >in.json
sed 's/^\["//; s/","/\t/; s/"\]$//' in.json >in.text
sed 's/[0-9]/3&/g; s/\t/ /; s/x/78/g' in.text >in.hex
few=$((lines / 10)) # pyzmq would take minutes for all
head -n $few in.json >in.few

contestants="zcat-json zcat-text zcat-hex libzmq-c pyzmq-json"

# contest NAME: the input, the commands of the sender and of the receiver.
contest() {
    case $1 in
    zcat-json) run json "$zcat push --connect $endpoint" "$zcat pull --bind $endpoint --count $lines" ;;
    zcat-text) run text "$zcat push -T --connect $endpoint" "$zcat pull -T --bind $endpoint --count $lines" ;;
    zcat-hex) run hex "$zcat push -x --connect $endpoint" "$zcat pull -x --bind $endpoint --count $lines" ;;
    libzmq-c) run text "./lines push $endpoint $lines" "./lines pull $endpoint $lines" ;;
    pyzmq-json) run few "$here/lines.py push $endpoint $few" "$here/lines.py pull $endpoint $few" ;;
    esac
}

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

# run INPUT SENDER RECEIVER: lines a second, from the start of the sender to the
# exit of both.
run() {
    $3 >out &
    ready "$endpoint"
    local begin=$EPOCHREALTIME
    $2 <"in.$1"
    wait $!
    local end=$EPOCHREALTIME
    cmp -s "in.$1" out || { echo "bench: $2: the output differs from the input" >&2; exit 1; }
    echo $(($(wc -l <"in.$1") * 1000000 / (${end/./} - ${begin/./})))
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
    "$lines" "$rounds" "$(nproc)" "$("$zcat" --version | head -n 1)"
for transport in ipc tcp; do
    rm -f ./*.rates
    for ((round = 0; round < rounds; round++)); do
        for c in $contestants; do
            fresh "$transport"
            contest "$c" >>"$c.rates"
        done
    done
    printf '\n%-12s %12s %12s\n' "$transport" 'lines/s' 'to libzmq-c'
    reference=$(median libzmq-c.rates)
    for c in $contestants; do
        awk -v c="$c" -v rate="$(median "$c.rates")" -v ref="$reference" \
            'BEGIN { printf "%-12s %12.0f %11.2fx\n", c, rate, rate / ref }'
    done
done
