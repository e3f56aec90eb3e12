#!/bin/sh
# A first look, run by `make demo`: two sockets talk, then a ROUTER shows what a
# REQ puts around its message. Every command is printed before it is run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
PATH=${BIN:-$here/..}:$PATH # or `zcat` might be the one of gzip
dir=$(mktemp -d)
cd "$dir"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$dir"' EXIT

show() { printf '\n$ %s\n' "$*"; }

show 'zcat rep --bind ipc://service --count 1 world &'
zcat rep --bind ipc://service --count 1 world >request &
show 'zcat req --connect ipc://service hello'
zcat req --connect ipc://service hello
wait
printf '\nthe reply; and rep printed the request:\n'
cat request

show 'zcat router --bind ipc://router --count 1 --echo &'
zcat router --bind ipc://router --count 1 --echo >envelope &
show 'zcat req --connect ipc://router hello'
zcat req --connect ipc://router hello
wait
printf '\nthe echo; and router printed the envelope, which REQ and REP hide:\n'
cat envelope
printf '\nthe routing id that it gave the peer, the empty delimiter, the body.\n'
