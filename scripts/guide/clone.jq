# Rules of a clone server (RFC 12): snapshots, updates, what clients set. As one of a pair ($role is primary or backup) it
# publishes nothing while it hears the other one, nor, as the backup, before it has; then it waits for a client to ask.
include "numbers";
def store($kv): if $kv[4] == "" then del(.map[$kv[0]]) else .map[$kv[0]] = {$kv,
    until: (now + (($kv[3] | capture("(^|\\n)ttl=(?<s>[0-9]+)").s | tonumber) // infinite))} end;
def publish($kv): .n += 1 | ($kv[:1] + [.n | bytes] + $kv[2:]) as $kv | store($kv) | .out += [{to: "updates", frames: $kv}];
foreach inputs as {$event, $from, $frames} ({n: 0, map: {}, late: [], silent: 0, active: ($role == "alone")}; . as $was | .out = []
    | try (
        if $event == "tick" then .silent += 1 | if .active then
            reduce (.map[] | select(.until < now).kv) as $kv (.; publish($kv | .[4] = ""))
            | .out += [{to: "updates", frames: ["HUGZ", (0 | bytes), "", "", ""]}] else . end
        elif $event then .
        elif $from == "snapshot" then
            if (.active | not) and .silent > 5 and ($role == "primary" or .copied)
                then .active = true | reduce .late[] as $kv (.; publish($kv)) | .late = [] else . end
            | if .active then .out += [((.map[].kv | select(.[0] | startswith($frames[2])) | .[2:4] = ["", ""]),
                ["KTHXBAI", (.n | bytes), "", "", $frames[2]]) | {to: "snapshot", frames: ($frames[:1] + .)}] else . end
        elif $from == "other" then .silent = 0 | if .copied then . else .copied = true | .out = [{to: "copy", frames: ["ICANHAZ?", ""]}] end
            | if $frames[0] == "HUGZ" then . else store($frames) | .n = ($frames[1] | number) | .late |= map(select(.[2] != $frames[2])) end
        elif $from == "copy" then if $frames[0] == "KTHXBAI" then .n = ([.n, ($frames[1] | number)] | max) else store($frames) end
        elif .active then publish($frames)
        else .late += [$frames] end)
      catch ($was | .out = []); # a message that is none of these
    .out[])
