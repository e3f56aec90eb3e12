#!/bin/sh
# Runs what depends on the processor, and a smoke test, on processors that this machine
# has not (qemu), and on Windows that this machine is not (wine). Says what was run.
set -eu
cd "$(dirname "$0")/../.."
go=${GO:-go}
into=$(pwd)/.bin/foreign
mkdir -p "$into"
export CGO_ENABLED=0

# on NAME GOOS GOARCH HOW...: HOW runs a program of that kind.
on() {
    name=$1 os=$2 arch=$3 binary=$into/zcat-$1
    shift 3
    tests=${TESTS:?the packages, as make foreign gives them}
    if [ "$os" = windows ]; then
        binary=$binary.exe
        # Tests of connections say more about wine's sockets than about Windows'.
        tests=$(echo "$tests" | tr ' ' '\n' | grep -v internal/zmtp)
    fi
    echo "== $name"
    # shellcheck disable=SC2086 # it is a list of words
    GOOS=$os GOARCH=$arch $go test -count=1 -short -timeout 20m -exec "$*" $tests
    GOOS=$os GOARCH=$arch $go build -trimpath -tags "${TAGS:-urfave_cli_no_docs}" -o "$binary" ./cmd/zcat
    ZCAT_TIMEOUT=120 scripts/smoke.sh "$@" "$binary"
}

[ $# -gt 0 ] || set -- s390x arm arm64 windows
for one in "$@"; do
    case $one in
    s390x) on s390x linux s390x qemu-s390x-static ;;
    arm) on arm linux arm qemu-arm-static ;;
    arm64) on arm64 linux arm64 qemu-aarch64-static ;;
    windows)
        export WINEPREFIX="$into/wine" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
        wineboot --init >/dev/null 2>&1
        x86_64-w64-mingw32-gcc -shared -O -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" scripts/foreign/bcryptprimitives.c -ladvapi32
        on windows windows amd64 wine
        ;;
    *)
        echo "usage: $0 [s390x|arm|arm64|windows]..." >&2
        exit 2
        ;;
    esac
done
