#!/usr/bin/env bash
# Sweeps over processes: the same digest for threads, shards, GNU parallel, Open MPI, interrupts and kills.
set -uo pipefail
highwater=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'kill -KILL $(jobs -p) 2>/dev/null; rm -rf "$scratch"' EXIT
# What a scheduler around this has set is not meant for it.
unset ${!SLURM_ARRAY_TASK_@} ${!OMPI_COMM_WORLD_@} JOB_COMPLETION_INDEX
passed=0
failed=0
check() {
    local what=$1
    shift
    if "$@" >"$scratch/out" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        head -20 "$scratch/out"
    fi
}
for program in parallel mpirun sqlite3; do
    command -v $program >/dev/null || { echo "$program is not installed; tools/dev test installs it"; exit 1; }
done
file=scenarios/tour/failover_acks_1.json
seeds=120
sweep() { "$highwater" sweep $file --seeds $seeds -q "$@"; }
merged() { "$highwater" merge "$@" | tail -n 1; }
rows() { sqlite3 "$1" 'SELECT count(*) FROM results'; }

sweep -j 1 -o "$scratch/one.db" >"$scratch/one.txt" || exit 1
digest=$(tail -n 1 "$scratch/one.txt")
check "a digest of 32 digits" grep -qE '^digest [0-9a-f]{32}$' <<<"$digest"
check "two threads: the same text and the same file" eval 'sweep -j 2 -o $scratch/two.db >$scratch/two.txt && cmp $scratch/one.txt $scratch/two.txt && cmp $scratch/one.db $scratch/two.db'
check "without a file: the same text" eval 'sweep -j 2 | cmp - $scratch/one.txt'
check "four shards" eval 'for i in 1 2 3 4; do sweep --shard $i/4 -o $scratch/part{shard}.db; done; test $(rows $scratch/part3.db) = 30'
check "merged: the same text and the same file" eval '$highwater merge $scratch/part?.db -o $scratch/all.db >$scratch/all.txt && cmp $scratch/one.txt $scratch/all.txt && cmp $scratch/one.db $scratch/all.db'
check "a shard that is missing: exit 3 and said" eval '$highwater merge $scratch/part[123].db >$scratch/some.txt; test $? = 3 && grep -q "30 seeds are missing" $scratch/some.txt'
check "GNU parallel" eval 'parallel -j 2 $highwater sweep $file --seeds $seeds --shard {}/3 -o $scratch/parallel{}.db -q ::: 1 2 3 && test "$(merged $scratch/parallel?.db)" = "$digest"'
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
check "Open MPI" eval 'mpirun --oversubscribe -n 3 $highwater sweep $file --seeds $seeds --shard auto -o "$scratch/mpi{shard}.db" -q && test "$(merged $scratch/mpi?.db)" = "$digest"'
check "a Slurm array" eval 'for id in 5 7 9; do SLURM_ARRAY_TASK_ID=$id SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3 sweep --shard auto -o "$scratch/slurm{shard}.db"; done; test "$(merged $scratch/slurm?.db)" = "$digest"'
check "a Kubernetes Indexed Job" eval 'for index in 0 1; do JOB_COMPLETION_INDEX=$index sweep --shard auto/2 -o "$scratch/job{shard}.db"; done; test "$(merged $scratch/job?.db)" = "$digest"'
check "no scheduler: exit 2" eval 'sweep --shard auto; test $? = 2'
check "two shards into one file at once: the second is refused" eval '
    $highwater sweep $file --seeds 100000 -q -o $scratch/busy.db & first=$!
    while kill -0 $first 2>/dev/null && [ ! -e $scratch/busy.db-journal ]; do sleep 0.05; done
    sweep -o $scratch/busy.db 2>$scratch/busy.txt; code=$?
    kill -TERM $first; wait $first
    test $code = 2 && grep -q "another process is writing it" $scratch/busy.txt'
check "more seeds go on from what is there" eval '$highwater sweep $file --seeds 50 -q -o $scratch/grow.db && test $(rows $scratch/grow.db) = 50 && test "$(sweep -o $scratch/grow.db | tail -n 1)" = "$digest" && cmp $scratch/grow.db $scratch/one.db'
check "interrupted: what is finished is kept, exit 3, and the rest follows" eval '
    $highwater sweep $file --seeds 100000 -j 2 -o $scratch/cut.db 2>$scratch/cut.txt >/dev/null & first=$!
    while kill -0 $first 2>/dev/null && { [ ! -e $scratch/cut.db ] || [ $(stat -c %s $scratch/cut.db) -lt $(stat -c %s $scratch/one.db) ]; }; do sleep 0.05; done
    kill -INT $first; wait $first; test $? = 3 && grep -q "the same command goes on from" $scratch/cut.txt &&
    told=$(sed -n "s/.*interrupted: \([0-9]*\) of .*/\1/p" $scratch/cut.txt) && test $told -gt 0 &&
    test $(rows $scratch/cut.db) = $told && test "$(sweep -o $scratch/cut.db | tail -n 1)" = "$digest"'
check "interrupted as soon as there is a file: exit 3" eval '
    $highwater sweep $file --seeds 100000 -j 2 -o $scratch/soon.db >/dev/null 2>&1 & first=$!
    while kill -0 $first 2>/dev/null && [ ! -e $scratch/soon.db ]; do :; done
    kill -INT $first; wait $first; test $? = 3'
check "killed at three moments, then finished" eval '
    for wait in 0.2 1.3 0.7; do
        $highwater sweep $file --seeds 2000 -q -o $scratch/kill.db >/dev/null & first=$!
        sleep $wait; kill -KILL $first; wait $first
    done 2>/dev/null
    test "$(sweep -o $scratch/kill.db | tail -n 1)" = "$digest"'
check "another scenario: exit 2 and said" eval 'sed s/30ms/31ms/ $file >$scratch/other.json; $highwater sweep $scratch/other.json --seeds 3 -q -o $scratch/one.db 2>$scratch/e; test $? = 2 && grep -q "another scenario: failover_acks_1, whose file has changed" $scratch/e'
check "comments and spaces make no other scenario" eval 'cp $scratch/one.db $scratch/same.db; (echo "// words"; cat $file) >$scratch/same.json; test "$($highwater sweep $scratch/same.json --seeds $seeds -q -o $scratch/same.db | tail -n 1)" = "$digest"'
check "other settings: exit 2 and said" eval 'sweep -X linger.ms=7 -o $scratch/one.db 2>$scratch/e; test $? = 2 && grep -q "under other settings" $scratch/e'
check "another build: exit 2 and said" eval 'cp $scratch/one.db $scratch/old.db; sqlite3 $scratch/old.db "UPDATE about SET value = \"0123456789ab\" WHERE name = \"build\""; sweep -o $scratch/old.db 2>$scratch/e; test $? = 2 && grep -q "another build: its sources are 0123456789ab" $scratch/e'
check "files of different sweeps do not merge" eval '$highwater sweep $file --seeds 2 -X acks=all -q -o $scratch/x.db; $highwater merge $scratch/one.db $scratch/x.db; test $? = 2'
check "a seed with two results: exit 4, with both fingerprints" eval 'cp $scratch/part1.db $scratch/bad.db; sqlite3 $scratch/bad.db "UPDATE results SET fingerprint = \"beef\" WHERE seed = 5"; $highwater merge $scratch/part1.db $scratch/bad.db >/dev/null 2>$scratch/e; test $? = 4 && grep -q "seed 5 is not what another file says of it: fingerprints beef" $scratch/e'
check "worst seeds come with a command that shows them" eval '$(sed -n "/acknowledged and lost: seed/{n;s#^ *highwater#$highwater#p}" $scratch/one.txt) --format json -q | jq -e ".records.lost > 0"'
check "JSON, the same for two threads, with a line for each seed" eval 'sweep -j 1 --format json --rows >$scratch/a.json; sweep -j 2 --format json --rows | cmp - $scratch/a.json && jq -e ".format == \"highwater.sweep/1\" and (.results | length) == $seeds and .outcomes.lost.seeds == ([.results[] | select(.lost > 0)] | length) and .digest == \"${digest#digest }\"" $scratch/a.json'
check "a row is what run says" eval 'test "$(jq -r ".results[6].fingerprint" $scratch/a.json)" = "$($highwater run $file --seed 7 --format json -q | jq -r .fingerprint)"'
check "the schema is JSON" eval '$highwater schema sweep | jq -e .title'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
