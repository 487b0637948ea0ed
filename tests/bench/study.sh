#!/usr/bin/env bash
# What large studies cost: a sweep, a comparison, and the memory of a world.
#   study.sh PATH/highwater [SWEEP_SEEDS] [COMPARE_SEEDS]     10000 and 1000 if not given
set -euo pipefail
highwater=$1
sweep_seeds=${2:-10000}
compare_seeds=${3:-1000}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
measure() { # what it is, then a command: wall and CPU seconds, greatest memory, load of the machine before and after
    local what=$1 before after code=0
    shift
    before=$(cut -d' ' -f1 /proc/loadavg)
    python3 - "$what" "$@" >"$scratch/row" <<'PYTHON' || code=$?
import os, resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
wall = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"| {sys.argv[1]} | {wall:.1f} s | {used.ru_utime + used.ru_stime:.1f} s | {used.ru_maxrss / 1024:.0f} MB |", end="")
sys.exit(0 if code in (0, 3) else code)
PYTHON
    after=$(cut -d' ' -f1 /proc/loadavg)
    echo "$(cat "$scratch/row") $before to $after |"
    return "$code"
}
echo "| what | wall clock | CPU | memory | load |"
echo "|---|---|---|---|---|"
failover=scenarios/tour/failover_acks_1.json
for threads in 1 2; do
    measure "sweep of $sweep_seeds seeds, failover_acks_1, -j $threads" \
        "$highwater" sweep $failover --seeds "$sweep_seeds" -j $threads -q -o "$scratch/sweep$threads.db"
done
for threads in 1 2; do
    measure "compare of 3 presets, $compare_seeds seeds of two minutes, -j $threads" \
        "$highwater" compare tests/bench/two_minutes.json --presets max-reliability,balanced,fast \
        --seeds "$compare_seeds" -j $threads -q
done
measure "one run of failover_acks_1" "$highwater" run $failover -q
