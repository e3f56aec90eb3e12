# shellcheck shell=sh
# What every demo begins with. A demo is run as
#
#   scripts/seed/NAME.sh [zcat|libzmq]
#
# after `make build`; the argument says who plays the other side, $peer. It
# prints what stands in NAME.expected, whoever that is.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
PATH=${BIN:-$here/../..}:$PATH # or `zcat` might be the one of gzip

case ${1:-zcat} in
zcat) peer="zcat" ;;
libzmq) peer="/usr/bin/python3 $here/../peers/peer.py" ;; # libzmq's sockets behind zcat's flags
*)
    echo "usage: $0 [zcat|libzmq]" >&2
    exit 2
    ;;
esac
export peer

# Sockets and files live in a directory of their own. At the end it goes, and
# so does whoever still serves.
dir=$(mktemp -d)
cd "$dir"
finish() {
    jobs -p >"$dir/jobs"
    while read -r job; do kill "$job" 2>/dev/null || true; done <"$dir/jobs"
    wait
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

# await FILE: until a server has written down where it listens.
await() {
    tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || { echo "no file $1 came" >&2; exit 1; }
        sleep 0.05
    done
}
