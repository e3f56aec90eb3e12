#!/bin/sh
# Clone, first step: a server publishes changes of key-value pairs, and clients that were there from the start
# have the same map. A message is the key, a number, and the value.
. "$(dirname "$0")/lib.sh"

map='reduce inputs as [$key, $number, $value] ({}; .[$key] = $value)'
for client in 1 2; do
    zcat sub -c ./updates -n 1000 | jq -cnS "$map" >map$client & clients="${clients-} $!"
done
jq -cn 'range(1000) | ["key \(. % 3)", "\(.)", "value \(.)"]' | zcat pub -b ./updates --wait-subs 2
for pid in $clients; do wait "$pid"; done
check 'map of client 1' "$(cat map1)" '{"key 0":"value 999","key 1":"value 997","key 2":"value 998"}'
check 'map of client 2' "$(cat map2)" "$(cat map1)"
