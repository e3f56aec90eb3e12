#!/bin/sh
# Looks for known vulnerabilities in what zcat is built of, with govulncheck. Says
# so where it cannot: without its database, which is on the network, nothing was
# checked.
set -eu
bin=$(pwd)/.bin
version=v1.9.0

cannot() {
    echo "vuln: could not check: $1" >&2
    exit 1
}

[ -x "$bin/govulncheck-$version" ] || {
    GOBIN=$bin "${GO:-go}" install "golang.org/x/vuln/cmd/govulncheck@$version" || cannot "govulncheck $version cannot be installed"
    mv "$bin/govulncheck" "$bin/govulncheck-$version"
}
status=0
"$bin/govulncheck-$version" ${GOVULNDB:+-db "$GOVULNDB"} ./... || status=$?
case $status in
0) ;;
3) echo "vuln: vulnerabilities were found" >&2 ;; # what govulncheck says of them stands above
*) cannot "the database ${GOVULNDB:-https://vuln.go.dev} cannot be reached, or govulncheck failed: see above" ;;
esac
exit "$status"
