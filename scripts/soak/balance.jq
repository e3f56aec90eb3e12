# A load-balancing broker between two ROUTERs, as in zcat help filters; each change of the number of
# free workers and waiting clients is published, numbered.
foreach inputs as $m ({free: [], wait: [], n: 0};
  .out = []
  | if $m.event == "unsent" and $m.at == "workers" then .wait = [$m.frames[2:]] + .wait
    elif $m.event then .
    elif $m.from == "workers" then
      .free += [$m.frames[0]]
      | if ($m.frames | length) > 3 then .out += [{to: "clients", frames: $m.frames[2:]}] else . end
    else .wait += [$m.frames] end
  | until(.free == [] or .wait == [];
      .out += [{to: "workers", frames: ([.free[0], ""] + .wait[0])}] | .free |= .[1:] | .wait |= .[1:])
  | .n += 1
  | .out += [{to: "state", frames: [(.n | tostring), "\(.free | length) \(.wait | length)"]}];
  .out[])
