# Rules of a clone client (RFC 12). It asks for $subtree once it has heard the server, so that nothing is missed from then
# on; what was published meanwhile waits. A line of - is a key and a value to set (and properties).
include "numbers";
def put($kv): if $kv[4] == "" then del(.map[$kv[0]]) else .map[$kv[0]] = $kv[4] end;
def newer($kv): ($kv[1] | number) as $n | if $n > .n then .n = $n | put($kv) else . end;
foreach inputs as {$event, $from, $frames} ({silent: 9, map: {}, late: [], todo: []}; .out = []
    | if $event == "tick" then .silent += 1 | if .silent > 9 then .ready = false | .map = {} else . end
        | if .ready then . else
            .out = [{to: "snapshot", frames: ["ICANHAZ?", if .silent > 9 then "/nothing/" else $subtree end]}] end
      elif $event then .
      elif $from == "-" then .todo += [[$frames[0], (0 | bytes), "\(now * 1000000 | floor)", $frames[2] // "", $frames[1]]]
      elif $from == "updates" then .silent = 0
        | if $frames[0] == "HUGZ" then . elif .ready then newer($frames) else .late += [$frames] end
      elif .ready then .
      elif $frames[0] != "KTHXBAI" then put($frames)
      elif $frames[4] == $subtree then .ready = true | .n = ($frames[1] | number)
        | reduce .late[] as $kv (.; newer($kv)) | .late = []
      else . end
    | if .ready then .out += [.todo[] as $kv | {to: ("set", $ARGS.named.twin // empty), frames: $kv}] | .todo = [] else . end
    | if .ready and .map != .shown then .shown = .map | .out += [{to: "-", frames: [.map | tojson]}] else . end;
    .out[])
