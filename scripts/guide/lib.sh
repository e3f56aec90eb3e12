# shellcheck shell=sh
# What each system of the Guide begins with. It is run as
#
#   scripts/guide/NAME.sh [libzmq]
#
# after `make build`, prints what it saw, and fails with a sentence where that is not
# right. Those that follow an RFC have libzmq's side of it, too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "${BIN:-$here/../..}" && pwd)
[ -x "$bin/zcat" ] || { echo "no zcat in $bin: run make build, or set BIN to its directory" >&2; exit 1; }
PATH=$bin:$PATH
export ZCAT_TIMEOUT="${ZCAT_TIMEOUT:-30}" # whatever goes wrong, nobody waits for ever
with=${1:-zcat}

# Sockets and files live in a directory of their own, whose end is also that of whoever still serves.
dir=$(mktemp -d)
cd "$dir"
finish() {
    jobs -l >"$dir/jobs" # every process of a pipeline, where -p names the first
    sed -n 's/^\[[0-9]*\]//; s/^[ +-]*\([0-9]*\) .*/\1/p' "$dir/jobs" >"$dir/pids"
    while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$dir/pids"
    wait
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

# check SENTENCE SEEN WANTED: prints what was seen, or fails with what should have been.
check() {
    [ "$2" = "$3" ] || { printf '%s: "%s", and not "%s"\n' "$1" "$2" "$3" >&2; exit 1; }
    printf '%s: %s\n' "$1" "$2"
}

# libzmq NAME ARG...: lets libzmq's peer of that name take its part, if it was asked for.
libzmq() {
    [ "$with" != libzmq ] || /usr/bin/python3 "$here/peers/$1.py" "$@"
}
