#!/bin/sh
# Titanic (RFC 9): requests live on disk until somebody serves them. It is three workers and a client of Majordomo; a
# journal of all that it heard makes it again after a crash, and what has no reply yet is then asked for once more.
. "$(dirname "$0")/lib.sh"
zcat router -b ./broker --meta --presence --tick 1 --drop-unroutable --skip-invalid --filter "jq -cn --unbuffered -f '$here/majordomo.jq'" &
export rules='foreach inputs as {$time, $from, $event, $frames} ({n: 0, asked: [], open: {}, done: {}};
    ($frames[5] | tostring) as $id | .ask = [] | .answer = null | if $time == null then .live = true | .asked = (.open | keys_unsorted) | .ask = [.open[]]
      elif $from == "ask" then .asked[0] as $id | if .open[$id] then .done[$id] = $frames[2:] else . end | del(.open[$id], .asked[0])
      elif $event or $frames[2] != "\u0002" then . # else a request of one of the three services
      elif $from == "request" and ($frames | length) < 7 then .answer = ["500"] elif $from == "request" then .n += 1 | "\($time | gsub("\\D"; ""))\(.n + 100000000)" as $new
        | .asked += [$new] | .open[$new] = $frames[5:] | .ask = [$frames[5:]] | .answer = ["200", $new]
      elif $from == "close" then del(.open[$id], .done[$id]) | .answer = ["200"]
      else .answer = if .done[$id] then ["200"] + .done[$id] elif .open[$id] then ["300"] else ["400"] end end;
    select(.live) | (.ask[] | {to: "ask", frames: (["MDPC01"] + .)}),
        (select(.answer) | {to: $from, frames: (["", "MDPW01", "\u0003", $frames[3], ""] + .answer)}))'
titanic() { me='dealer -c ./broker --hello ["","MDPW01","\u0001","titanic' && exec zcat hub ask='req -c ./broker' \
    request="$me.request\"]" reply="$me.reply\"]" close="$me.close\"]" --filter '(cat journal; echo {}
    exec sed -u "w /dev/stderr") 2>>journal | jq -cn --unbuffered "$rules"'; } # written down, then passed on
call() { zcat req -c ./broker --timeout 1 --retries 100 --interval 0.05 MDPC01 "$@"; }
titanic & first=$! id=$(call titanic.request shout hello | jq -r '.[3]') && kill -9 $first; titanic &
check 'after a crash, while nobody serves' "$(call titanic.reply "$id")" '["MDPC01","titanic.reply","300"]'
zcat dealer -c ./broker --hello '["","MDPW01","\u0001","shout"]' --filter \
    'jq -c --unbuffered "select(.[2] == \"\u0002\") | .[2] = \"\u0003\" | .[5] |= ascii_upcase"' &
check 'at last' "$(call --repeat 0 titanic.reply "$id" | jq -cn 'first(inputs | select(.[2] == "200"))')" '["MDPC01","titanic.reply","200","HELLO"]'
libzmq titanic ./broker
