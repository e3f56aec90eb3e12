#!/bin/sh
# Installs from Debian, from Go's proxy, and from npm into .bin/peers, what `make test`,
# `lint`, `bench`, `peers`, `judges`, `foreign` or `dist-check` needs and does not find.
# Does nothing, at once, where everything is there. `setup.sh linter PACKAGE` builds the
# linter.
set -eu

purpose=${1:?usage: setup.sh test|lint|bench|peers|judges|foreign|dist|linter PACKAGE}
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
linter) ;;
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
    echo "setup: unknown purpose $purpose; use test, lint, bench, peers, judges, foreign, dist or linter" >&2
    exit 2
    ;;
esac

sudo=
said=$(mktemp) # what a tool said that failed
trap 'rm -f "$said"' EXIT

# again CMD...: runs CMD until it succeeds, four times at most. A mirror or a proxy that
# does not answer mostly does so a moment later.
again() {
    for pause in 5 15 45; do
        "$@" && return
        echo "setup: that failed; trying again in $pause seconds" >&2
        sleep "$pause"
    done
    "$@"
}

fail() {
    tail -n 5 "$said" >&2
    echo "setup: $1; install these yourself, or have the network mended, and run make $make again:$missing" >&2
    exit 1
}

# proxied CMD...: CMD downloads from Go's proxy.
proxied() {
    again "$@" || {
        echo "setup: no download from $("$go" env GOPROXY); set GOPROXY to a proxy that can be reached, and run make again" >&2
        exit 1
    }
}

# The peers that Node.js has: libzmq with ws, and what browsers use. Both come as they are
# run, so that nothing is built.
modules() {
    [ "$purpose" = peers ] || return 0
    [ ! -d .bin/peers/node_modules/jszmq ] || return 0
    missing=" zeromq and jszmq of npm"
    mkdir -p .bin/peers
    again npm install --prefix .bin/peers --no-save --no-audit --no-fund --ignore-scripts zeromq@6.8.0 jszmq@0.1.2 >"$said" 2>&1 || fail "npm failed"
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
    newer() { $sudo apt-get update -q </dev/null >"$said" 2>&1 && download; }
    download || again newer || fail "apt-get failed"
    dpkg-deb --fsys-tarfile .bin/judges/prometheus_*.deb | tar -x -C .bin/judges --strip-components=3 ./usr/bin/promtool
    rm .bin/judges/prometheus_*.deb
}

go=${GO:-go}
cd "$(dirname "$0")/.."
if [ "$purpose" = linter ]; then
    proxied "$go" install "$2"
    exit 0
fi
# What is there is not asked for.
GOPROXY=off "$go" list -deps -test ./... >/dev/null 2>&1 || proxied "$go" mod download
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

# apt runs apt-get, which waits for another one that is at work, as on a machine that has
# just started. What it says is of interest only if it fails.
apt() {
    $sudo apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" </dev/null >"$said" 2>&1
}
# shellcheck disable=SC2086 # a list of words
install() { apt install -y --no-install-recommends $missing; }

# A fresh machine has no package lists, an old one has stale ones.
refreshed() { apt update && install; }
install || again refreshed || fail "apt-get failed"
modules
prometheus
