#!/bin/sh
# Fails unless this commit may be released: nothing is changed, the tag, the version of
# the program and the newest entry of the changelog agree. Prints that entry.
set -eu

cannot() {
    echo "release: $1" >&2
    exit 1
}

version=$(sed -n 's/^	version *= "\([0-9.]*\)"$/\1/p' cmd/zcat/internal/help/version.go)
[ -n "$version" ] || cannot "cmd/zcat/internal/help/version.go has no version"
changes=$(git status --porcelain --untracked-files=no)
[ -z "$changes" ] || cannot "these files are not committed: $changes"

heading=$(sed -n '/^## /{p;q;}' CHANGELOG.md)
case $heading in
"## [$version] - "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) ;;
*) cannot "CHANGELOG.md begins with '$heading', want '## [$version] - YYYY-MM-DD'" ;;
esac
tags=$(git tag --points-at HEAD)
printf '%s\n' "$tags" | grep -qx "v$version" ||
    cannot "the tags of this commit are '$tags', want v$version: git tag -a v$version -m 'zcat $version'"

awk -v heading="$heading" '/^## / || /^\[.*\]: / { on = $0 == heading; next } on' CHANGELOG.md
