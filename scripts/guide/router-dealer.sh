#!/bin/sh
# ROUTER to DEALER: two named workers, of which A is sent twice as much as B.
# A DEALER adds no delimiter and keeps no turns: the ROUTER may send as it likes, without being asked.
. "$(dirname "$0")/lib.sh"

for worker in A B; do
    zcat dealer -c ./boss --identity $worker --text | sed '/^END$/q' >tasks$worker & workers="${workers-} $!"
done
jq -cn '(range(20) as $n | "A", "B", "A" | [., "task \($n)"]), (("A", "B") | [., "END"])' >tasks
zcat router -b ./boss --wait-peers 2 <tasks &
for pid in $workers; do wait "$pid"; done
check 'tasks of A and of B' "$(grep -c task tasksA) $(grep -c task tasksB)" '40 20'
