#!/bin/sh
# Peering, the state flow: each of three brokers publishes how many workers it has, and hears of the others.
# A tick is the clock: who comes late, or again, knows all of them within two.
. "$(dirname "$0")/lib.sh"

export rules='{to: "state", frames: [$name, $workers]} as $mine
    | foreach inputs as $m ({}; .out = []
        | if $m.event == "tick" then .out = [$mine]
          else .known[$m.frames[0]] = $m.frames[1] end
        | if (.known | length == 2) and (.told | not) then .told = true | .out += [{to: "report",
            frames: (.known | to_entries | sort_by(.key) | [$name] + map("\(.key) has \(.value)"))}] else . end;
        .out[])'
broker() { # NAME WORKERS OTHER OTHER
    exec zcat hub state="pub -b ./$1" states="sub -c ./$3 -c ./$4" report='push -c ./report' --tick 0.05 \
        --filter "jq -cn --unbuffered --arg name $1 --arg workers $2 \"\$rules\""
}
broker dc1 5 dc2 dc3 & broker dc2 0 dc1 dc3 & broker dc3 7 dc1 dc2 &
zcat pull -b ./report -n 3 --text | tr '\t' : | sort >known
check 'what they know of each other' "$(paste -sd ' ' known)" \
    'dc1:dc2 has 0:dc3 has 7 dc2:dc1 has 5:dc3 has 7 dc3:dc1 has 5:dc2 has 0'
