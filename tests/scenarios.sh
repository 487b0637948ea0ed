#!/usr/bin/env bash
# Every shipped scenario holds what it expects and tells its golden trace; those that say nothing of seed 1 alone
# hold under more seeds; each repeats, watched or not.
set -euo pipefail
highwater=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
"$highwater" test scenarios -j 2 --verify-determinism
"$highwater" test scenarios/tour/failover_acks_all.json scenarios/book --seeds 12 -j 2
"$highwater" test scenarios/weather --seeds 20 -j 2
for scenario in scenarios/tour/*.json scenarios/book/*.json scenarios/clients/*.json; do # see tests/README.md
    [ -f "${scenario%.json}.trace" ] || { echo "$scenario has no golden trace: highwater test $scenario --update" && exit 1; }
done
