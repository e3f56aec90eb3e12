#!/bin/sh
# Is this zcat a working one? Run as
#
#   scripts/smoke.sh COMMAND...
#
# where COMMAND is how to run it (./zcat, or `qemu-arm-static ./zcat`). It needs nothing
# but sh and TCP on loopback, says what works, and fails at the first thing that does not.
set -eu
[ $# -gt 0 ] || set -- "$(dirname "$0")/../zcat"
for word in "$@"; do # it is run in another directory
    shift
    [ ! -e "$word" ] || word=$(cd "$(dirname "$word")" && pwd)/$(basename "$word")
    set -- "$@" "$word"
done
export ZCAT_TIMEOUT="${ZCAT_TIMEOUT:-60}" # whatever goes wrong, nobody waits for ever

dir=$(mktemp -d)
cd "$dir"
trap 'rm -rf "$dir"' EXIT

# is WHAT SEEN WANTED
is() {
    [ "$2" = "$3" ] || { printf "%s: got %s, want %s\n" "$1" "$2" "$3" >&2 && exit 1; }
}

# status WANTED ZCAT...: how it ended.
status() {
    want=$1 got=0
    shift
    "$@" >out 2>err || got=$?
    [ "$got" = "$want" ] || { echo "status $got, want $want: $*" >&2 && cat err >&2 && exit 1; }
}

# place FILE: the first endpoint that a server wrote, or line $2.
place() {
    tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { echo "no file $1 came" >&2 && exit 1; }
        sleep 0.1
    done
    sed -n "${2:-1}p" "$1"
}

case "$("$@" --version)" in
"zcat "*) echo "ok version" ;;
*) echo "no version" >&2 && exit 1 ;;
esac

"$@" pull --bind 'tcp://127.0.0.1:*' --endpoint-file at --count 5 >got 2>/dev/null &
printf '["a"]\r\n[{"hex":"00ff"},"","b"]\n"c"' | "$@" push --connect "$(place at)"
printf 'd\r\ne\n' | "$@" push --connect "$(place at)" --text
wait $!
is "push and pull" "$(cat got)" '["a"]
[{"hex":"00ff"},"","b"]
["c"]
["d\r"]
["e"]'
is "the endpoint file, which goes" "$(ls)" got
echo "ok push, pull, lines of JSON that end with CRLF, endpoint file"

"$@" rep --bind 'tcp://127.0.0.1:*' --endpoint-file at --count 3 world >got 2>/dev/null &
is reply "$("$@" req --connect "$(place at)" hello)" '["world"]'
is probe "$("$@" probe "$(place at)" --expect-type rep | sed 's/.*"socket_type":"\([A-Z]*\)".*/\1/')" REP
is replies "$(printf '"one"\n"two"\n' | "$@" req --connect "$(place at)")" '["world"]
["world"]'
wait $!
is requests "$(cat got)" '["hello"]
["one"]
["two"]'
echo "ok req, rep, probe"

"$@" sub --bind 'tcp://127.0.0.1:*' --endpoint-file at --subscribe A --count 2 >got 2>/dev/null &
printf '["%s"]\n' A1 B1 A2 | "$@" pub --connect "$(place at)" --wait-subs 1:A
wait $!
is subscription "$(cat got)" '["A1"]
["A2"]'
echo "ok pub, sub"

"$@" proxy 'tcp://127.0.0.1:*' 'tcp://127.0.0.1:*' --endpoint-file ends --capture seen 2>/dev/null &
proxy=$!
front=$(place ends) back=$(place ends 2)
"$@" rep --connect "$back" --echo --count 1 >/dev/null &
is "through a proxy" "$("$@" req --connect "$front" across)" '["across"]'
wait $!
case $(uname -s) in
MINGW* | MSYS* | CYGWIN*)
    kill $proxy # its signals are not those of Windows
    wait $proxy || true
    rm -f ends
    ;;
*)
    kill -INT $proxy
    got=0
    wait $proxy || got=$?
    is "the status of an interrupt" $got 130
    is "what was captured" "$(grep -c '"frames":' seen)" 2
    echo "ok interrupt"
    ;;
esac
echo "ok proxy, capture"

"$@" keygen server >/dev/null
"$@" keygen joe >/dev/null
mkdir friends
cp joe.key friends
"$@" pull --bind 'tcp://127.0.0.1:*' --endpoint-file at --curve-server --curve-secret server.key_secret --curve-allow friends --count 1 >got 2>/dev/null &
"$@" push --connect "$(place at)" --curve-server-cert server.key --curve-secret joe.key_secret secret 2>/dev/null
wait $!
is "through CURVE" "$(cat got)" '["secret"]'
echo "ok CURVE"

"$@" pull --bind 'tcp://127.0.0.1:*' --endpoint-file at --raw --count 1 >got 2>/dev/null &
"$@" keygen - >sent 2>/dev/null
printf '\r\n\032\n' >>sent # a text mode would spoil these
"$@" push --connect "$(place at)" --raw <sent
wait $!
cmp sent got
echo "ok raw bytes"

status 2 "$@" push --conect tcp://127.0.0.1:1 x
grep -q -e --connect err
status 124 "$@" pull --bind 'tcp://127.0.0.1:*' --count 1 --timeout 0.2
status 1 "$@" show nothing.pcap
status 0 "$@" help envelopes
echo "ok statuses"
