#!/bin/sh
# Installs from Debian, from Go's proxy, and from npm into .bin/peers, what `make test`,
# `make lint`, `make bench` or `make peers` needs and does not find. Does nothing, at once,
# where everything is there. `setup.sh linter PACKAGE` builds the linter.
set -eu

purpose=${1:?usage: setup.sh test|lint|bench|peers|linter PACKAGE}
missing=

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
*)
    echo "setup: unknown purpose $purpose; use test, lint, bench, peers or linter" >&2
    exit 2
    ;;
esac

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
    echo "setup: $1; install these packages yourself, and run make again:$missing" >&2
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
    again npm install --prefix .bin/peers --no-save --no-audit --no-fund --ignore-scripts zeromq@6.8.0 jszmq@0.1.2 >/dev/null || fail "npm failed"
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
    exit 0
fi

sudo=
command -v apt-get >/dev/null || fail "this is not Debian"
if [ "$(id -u)" != 0 ]; then
    sudo="sudo -n"
    $sudo true 2>/dev/null || fail "neither root nor a sudo without a password"
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# apt runs apt-get, which waits for another one that is at work, as on a machine that has
# just started. What it says is of interest only if it fails.
apt() {
    $sudo apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" </dev/null >"$said" 2>&1
}
# shellcheck disable=SC2086 # a list of words
install() { apt install -y --no-install-recommends $missing; }

# A fresh machine has no package lists, an old one has stale ones.
refreshed() {
    if apt update && install; then
        return
    fi
    tail -n 5 "$said" >&2
    return 1
}
install || again refreshed || fail "apt-get failed"
modules
