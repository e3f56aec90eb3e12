#!/bin/sh
# Runs every fuzz target of every package, or those whose names match, one after
# the other: scripts/fuzz.sh [TIME [REGEXP]]. The first failure ends it; its input
# is then in testdata/fuzz of the package, and a plain test from there on.
set -eu
time=${1:-10s}
match=${2:-.}
ran=0

for package in $(go list ./...); do
    for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' | grep -E -e "$match" || true); do
        echo "$package $target"
        go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "$package"
        ran=$((ran + 1))
    done
done
[ "$ran" -gt 0 ] || { echo "fuzz: no target matches $match" >&2; exit 1; }
echo "fuzz: $ran targets, $time each: nothing found"
