#!/bin/sh
# Installs from Debian, and from npm into .bin/peers, what `make test`, `lint`, `bench`,
# `peers`, `judges`, `foreign` or `dist-check` needs and does not find. Does nothing, at
# once, where everything is there.
set -eu

purpose=${1:?usage: setup.sh test|lint|bench|peers|judges|foreign|dist}
missing=
make=$purpose # the target
[ "$purpose" != dist ] || make=dist-check

# need PACKAGE COMMAND...: the package is missing where the command fails.
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

# Debian's own python3 holds python3-zmq; another may stand first on PATH.
case $purpose in
test)
    need python3-zmq /usr/bin/python3 -c 'import zmq'
    need libczmq4 /usr/bin/python3 -c 'import ctypes; ctypes.CDLL("libczmq.so.4")'
    need libzmq3-dev test -e /usr/include/zmq.h
    need jq jq --version
    need curl curl --version
    need netcat-openbsd nc -h
    need mawk mawk -W version
    need gcc gcc --version # the race detector is C
    need iproute2 ip -V    # the rooms of scripts/faults
    need tcpdump tcpdump --version
    # Completions and manual pages are tried where they are used.
    need zsh zsh --version
    need fish fish --version
    need mandoc sh -c 'command -v mandoc'
    ;;
lint)
    need shellcheck shellcheck --version
    ;;
bench)
    need python3-zmq /usr/bin/python3 -c 'import zmq'
    need gcc gcc --version
    need libzmq3-dev test -e /usr/include/zmq.h
    ;;
peers)
    need python3-zmq /usr/bin/python3 -c 'import zmq'
    need libjeromq-java test -e /usr/share/java/jeromq.jar
    need default-jdk-headless javac -version
    need gcc gcc --version
    need binutils nm --version
    need nodejs node --version
    need npm npm --version
    need chromium chromium --version
    ;;
dist)
    need lintian lintian --version
    need rpm rpm --version
    need skopeo skopeo --version
    need ruby ruby --version
    ;;
foreign)
    need qemu-user-static qemu-arm-static --version
    need wine sh -c 'command -v wine'
    need gcc-mingw-w64-x86-64 x86_64-w64-mingw32-gcc --version
    ;;
judges)
    need systemd systemd-analyze --version
    ;;
*)
    echo "setup: unknown purpose $purpose; use test, lint, bench, peers, judges, foreign or dist" >&2
    exit 2
    ;;
esac

sudo=
said=$(mktemp) # what a tool said that failed
trap 'rm -f "$said"' EXIT
fail() {
    tail -n 5 "$said" >&2
    echo "setup: $1; install these yourself, or have the network mended, and run make $make again:$missing" >&2
    exit 1
}

# The peers that Node.js has: libzmq with ws, and what browsers use. Both come as they are
# run, so that nothing is built.
modules() {
    [ "$purpose" = peers ] || return 0
    [ ! -d .bin/peers/node_modules/jszmq ] || return 0
    missing=" zeromq and jszmq of npm"
    mkdir -p .bin/peers
    npm install --prefix .bin/peers --no-save --no-audit --no-fund --ignore-scripts zeromq@6.8.0 jszmq@0.1.2 >"$said" 2>&1 || fail "npm failed"
}

# promtool comes with Prometheus, of which only that is taken: its package starts a server.
prometheus() {
    [ "$purpose" = judges ] || return 0
    if command -v promtool || [ -x .bin/judges/promtool ]; then
        return 0
    fi >/dev/null
    missing=" prometheus"
    command -v apt-get >/dev/null || fail "this is not Debian"
    mkdir -p .bin/judges
    download() { (cd .bin/judges && apt-get download -q prometheus >"$said" 2>&1); }
    download || { $sudo apt-get update -q </dev/null >"$said" 2>&1 && download; } || fail "apt-get failed"
    dpkg-deb --fsys-tarfile .bin/judges/prometheus_*.deb | tar -x -C .bin/judges --strip-components=3 ./usr/bin/promtool
    rm .bin/judges/prometheus_*.deb
}

if [ -z "$missing" ]; then
    modules
    prometheus
    exit 0
fi

command -v apt-get >/dev/null || fail "this is not Debian"
if [ "$(id -u)" != 0 ]; then
    sudo="sudo -n"
    $sudo true 2>/dev/null || fail "neither root nor a sudo without a password"
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# A fresh machine has no package lists, an old one has stale ones.
# shellcheck disable=SC2086 # both are lists of words
install() { $sudo apt-get install -y -q --no-install-recommends $missing </dev/null >"$said" 2>&1; }
install || { $sudo apt-get update -q </dev/null >"$said" 2>&1 && install; } || fail "apt-get failed"
modules
prometheus
