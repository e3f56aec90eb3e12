# Rules of a Majordomo broker: the service of each worker, and who is free and what waits for a service.
foreach inputs as {$event, $id, $frames} ({workers: {}, free: {}, wait: {}}; . as $was | .out = [] | try (
    ($id // $frames[0]) as $who | .workers[$who | tojson] as $is
    | (if $frames[2] == "MDPC01" then $frames[3] else $is // $frames[4] // "" end) as $service
    | if $event == "tick" then .out = [.workers | keys[] | [fromjson, "", "MDPW01", "\u0004"]]
      elif $event == "left" or $frames[3] == "\u0005" then del(.workers[$who | tojson]) | if $is then .free[$is] -= [$who] else . end
      elif $event then .
      elif $service == "mmi.service" then .out = [$frames[:4] + [if IN(.workers[]; $frames[4]) then "200" else "404" end]]
      elif $frames[2] == "MDPC01" then .wait[$service] += [$frames]
      elif $frames[3] == "\u0001" then .workers[$who | tojson] = $frames[4] | .free[$frames[4]] |= (. // []) - [$who] + [$who]
      elif $is == null then .out = [[$who, "", "MDPW01", "\u0005"]] # it has to say READY first
      elif $frames[3] == "\u0003" then .out = [[$frames[4], "", "MDPC01", $is] + $frames[6:]] | .free[$is] += [$who] else . end
    | until((.free[$service] // []) == [] or (.wait[$service] // []) == []; .wait[$service][0] as $ask
        | .out += [[.free[$service][0], "", "MDPW01", "\u0002", $ask[0], ""] + $ask[4:]] | .free[$service] |= .[1:]
        | .wait[$service] |= .[1:])) catch ($was | .out = []); .out[]) # it is no message of the protocol
