#!/usr/bin/env bash
# What people type, as they type it.
set -uo pipefail
highwater=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
check() { # what it shows, then a command that must succeed
    local what=$1
    shift
    if "$@" >"$scratch/out" 2>"$scratch/err"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED: $what"
        head -n 20 "$scratch/out" "$scratch/err"
    fi
}
exits() { # wanted exit code, command
    local wanted=$1 got=0
    shift
    "$@" || got=$?
    [ "$got" -eq "$wanted" ]
}
compares() { # few seeds are inconclusive: exit 3
    local code=0
    "$highwater" compare "$@" || code=$?
    [ "$code" -eq 0 ] || [ "$code" -eq 3 ]
}
export -f compares
export highwater
tour=scenarios/tour
check "a lost record is told, and allowed: exit 0" bash -c "$highwater run $tour/failover_acks_1.json | grep -q 'acks=1 allows this'"
check "the two sentences of a loss" bash -c "$highwater run $tour/failover_acks_1.json | grep -q 'The last copy was removed from broker 1'"
check "acks=all loses nothing" bash -c "test \"\$($highwater run $tour/failover_acks_all.json --format json | jq .records.lost)\" = 0"
check "the same crash under -X acks=all" bash -c "test \"\$($highwater run $tour/failover_acks_1.json -X acks=all --format json -q | jq .records.lost)\" = 0"
check "-X acks=all exits 0" exits 0 "$highwater" run $tour/failover_acks_1.json -X acks=all -q
check "the same file with a fast network loses next to nothing" bash -c "jq 'del(.links,.expect)' $tour/failover_acks_1.json | $highwater run - --format json -q | jq -e '.records.lost <= 10'"
check "traces repeat byte for byte" bash -c "$highwater run $tour/failover_acks_1.json --seed 7 --trace $scratch/a >/dev/null && $highwater run $tour/failover_acks_1.json --seed 7 --trace $scratch/b >/dev/null && cmp $scratch/a $scratch/b && test -s $scratch/a"
check "every trace line is JSON" bash -c "$highwater run $tour/first_record.json --trace - -q | jq -e .fact >/dev/null"
check "another seed is another run" bash -c "test \"\$($highwater run $tour/failover_acks_1.json --seed 8 --format json -q | jq -r .fingerprint)\" != \"\$($highwater run $tour/failover_acks_1.json --seed 9 --format json -q | jq -r .fingerprint)\""
check "a range of seeds gives a verdict a line" bash -c "test \"\$($highwater run $tour/first_record.json --seed 1..5 --format json | wc -l)\" = 5"
bad='{"topics":[{"name":"x","partitons":1}]}'
check "bad input: exit 2" exits 2 bash -c "echo '$bad' | $highwater run -"
check "bad input: pointer and suggestion" bash -c "echo '$bad' | $highwater run - 2>&1 | grep -q '/topics/0/partitons: unknown key; did you mean \"partitions\"?'"
check "bad input writes nothing" bash -c "echo '$bad' | $highwater run - -o $scratch/none; test ! -e $scratch/none"
check "an expectation that fails: exit 1" exits 1 bash -c "jq '.expect=[{\"that\":\"records.lost\",\"is\":99}]' $tour/first_record.json | $highwater run -"
check "a path that is not in the verdict: exit 2" exits 2 bash -c "jq '.expect=[{\"that\":\"records.losst\",\"is\":0}]' $tour/first_record.json | $highwater run -"
check "an unknown command: exit 2 and a suggestion" bash -c "$highwater rnu 2>&1 | grep -q 'did you mean \"run\"?'"
check "an unknown flag: exit 2" exits 2 "$highwater" run $tour/first_record.json --sed 3
check "an unknown flag: a suggestion" bash -c "$highwater run $tour/first_record.json --sed 3 2>&1 | grep -q 'did you mean \"--seed\"?'"
check "an unreadable file: exit 2" exits 2 "$highwater" run no/such/file.json
check "-X that hits nothing: exit 2" exits 2 "$highwater" run $tour/first_record.json -X no.such=1
check "show prints sources" bash -c "$highwater show $tour/failover_acks_1.json | grep -q 'acks=1 sensitive=false synonyms={CLIENT_CONFIG:acks=1, DEFAULT_CONFIG:acks=all}'"
check "show follows -X" bash -c "$highwater show $tour/failover_acks_1.json -X acks=all | grep -q 'OVERRIDE:acks=all'"
check "schema is JSON" bash -c "$highwater schema | jq -e '.\"\$schema\"' && $highwater schema verdict | jq -e .title && $highwater schema test | jq -e .title"
check "version and help" bash -c "$highwater --version && $highwater --help && $highwater run --help"
check "no colour outside a terminal" bash -c "! $highwater run $tour/first_record.json | grep -q \$'\\033'"
check "colour when asked" bash -c "$highwater run $tour/first_record.json --color always | grep -q \$'\\033'"
lost='{"topics":[{"name":"t"}],"producers":[{"records":{"count":10,"rate":1000}}],"expect":[{"that":"records.lost","is":9}]}'
mkdir -p $scratch/red && echo "$lost" >$scratch/red/lost.json && echo '{"format":"highwater.preset/1"}' >$scratch/red/preset.json
check "test: a folder, a line each" bash -c "$highwater test $tour | grep -c '^ok .*failover_acks_1.json'"
check "test: JUnit that xmllint reads" bash -c "$highwater test $tour $scratch/red --junit $scratch/out.xml; xmllint --noout $scratch/out.xml && grep -q 'name=\"fingerprint\"' $scratch/out.xml"
check "test: JSON, the same on two threads" bash -c "$highwater test $tour --seeds 4 --format json -j 1 >$scratch/a; $highwater test $tour --seeds 4 --format json -j 2 >$scratch/b; cmp $scratch/a $scratch/b && jq -e '.format == \"highwater.test/1\"' $scratch/a"
check "test: an expectation that fails: exit 1" exits 1 "$highwater" test $scratch/red
check "test: and the command that repeats it" bash -c "$highwater test $scratch/red | grep -q 'repeat: highwater run .*lost.json --seed 1'"
check "test: -v says what was passed over" bash -c "$highwater test $scratch/red -v 2>&1 | grep -q 'preset.json: passed over, its format is highwater.preset/1'"
check "test: nothing but presets: exit 2" exits 2 "$highwater" test $scratch/red/preset.json
check "test: a filter that hits nothing: exit 2" exits 2 "$highwater" test $tour --filter nothing
check "test: a path that is not there: exit 2" exits 2 "$highwater" test no/such/folder
check "test: --update is refused in CI: exit 2" exits 2 env CI=true "$highwater" test $scratch/red --update
check "test: an empty CI is no CI" exits 1 env CI= "$highwater" test $scratch/red --update
check "test: annotations under GITHUB_ACTIONS" bash -c "GITHUB_ACTIONS=true $highwater test $scratch/red | grep -q '^::error file=.*lost.json,line=1,title=lost%2C seed 1::expectation failed: records.lost'"
check "test: JSON stays JSON beside annotations" bash -c "$highwater test $scratch/red --annotations github --format json 2>$scratch/notes | jq -e .summary.failed; grep -q '^::error' $scratch/notes"
check "test: no annotations without being asked" bash -c "! env -u GITHUB_ACTIONS $highwater test $scratch/red | grep -q '^::'"
crashes=scenarios/weather/crashes.json
three=max-reliability,balanced,fast
check "compare: the same bytes with one thread and with two" bash -c "compares $crashes --presets $three --seeds 12 -j 1 -q >$scratch/a && compares $crashes --presets $three --seeds 12 -j 2 -q >$scratch/b && cmp $scratch/a $scratch/b && test -s $scratch/a"
check "compare: none of N is a bound" grep -q '0 of 12, at most 26.47 %' "$scratch/a"
check "compare: the same JSON with two threads" bash -c "compares $crashes --presets $three --seeds 6 -j 1 -q --format json >$scratch/c && compares $crashes --presets $three --seeds 6 -j 2 -q --format json -o $scratch/d && cmp $scratch/c $scratch/d && jq -e '.format == \"highwater.comparison/1\" and .presets[2].difference.seeds_with_loss.method == \"mcnemar\"' $scratch/c"
check "compare: fast loses, and says how to see it" bash -c "grep -q 'a loss under fast: highwater run $crashes --seed [0-9]* --preset fast' $scratch/a"
check "compare: that command shows the loss" bash -c "\$(sed -n 's/^a loss under fast: highwater/${highwater//\//\\/}/p' $scratch/a) --format json -q | jq -e '.records.lost > 0'"
check "compare: all presets" bash -c "compares $crashes --presets all --seeds 1 -q | grep -q kafka-0.10.2"
check "compare: a preset of one's own by folder and by path" bash -c "mkdir -p $scratch/presets && jq '.name=\"mine\"' scenarios/presets/fast.json >$scratch/presets/mine.json && compares $crashes --presets mine --preset-dir $scratch/presets --seeds 2 -q && compares $crashes --presets fast,$scratch/presets/mine.json --seeds 2 -q | grep -q 'Difference from fast'"
check "compare: an unknown preset: exit 2 and a suggestion" bash -c "! $highwater compare $crashes --presets balancd 2>$scratch/e && grep -q 'did you mean \"balanced\"?' $scratch/e"
check "compare: an unknown preset: exit 2" exits 2 "$highwater" compare $crashes --presets balancd
check "compare: a bad preset: pointer and suggestion" bash -c "jq '.name=\"bad\"|.producer={\"ackz\":1}' scenarios/presets/fast.json >$scratch/bad.json; $highwater compare $crashes --presets $scratch/bad.json 2>&1 | grep -q '/producer/ackz: unknown producer setting; did you mean \"acks\"?'"
check "compare: what is varied stands in the command that repeats" bash -c "compares $crashes --vary acks=1,all --vary min.insync.replicas=1,2 --seeds 12 -q >$scratch/v && grep -q 'acks=all min.insync.replicas=2 is beaten\|Worth choosing' $scratch/v && grep -q \"a loss under acks=1 min.insync.replicas=1: highwater run $crashes --seed [0-9]* -X acks=1 -X min.insync.replicas=1\" $scratch/v"
check "compare: the weather stands beside the numbers" grep -q 'weather: crash of' "$scratch/v"
check "compare --until decided stops early, at the same seed for any number of threads" bash -c "$highwater compare $crashes --presets max-reliability,fast --until decided -j 1 -q >$scratch/u && $highwater compare $crashes --presets max-reliability,fast --until decided -q -j 2 >$scratch/w && cmp $scratch/u $scratch/w && grep -q 'fast loses in more seeds than max-reliability' $scratch/u && grep -q 'Decided after [0-9]* seeds' $scratch/u"
check "compare: too few seeds: exit 3" exits 3 "$highwater" compare $crashes --presets max-reliability,balanced --seeds 3 -q
check "compare --vary twice, or what -X has: exit 2" exits 2 "$highwater" compare $crashes --vary acks=1,all -X acks=1
check "compare --vary of an unknown setting: exit 2" exits 2 "$highwater" compare $crashes --vary ackz=1,all
check "compare without presets and --vary: exit 2" exits 2 "$highwater" compare $crashes
check "compare: --bound is a share" exits 2 "$highwater" compare $crashes --presets fast --bound 2
check "explain: biography, point of no return, and what saves it" bash -c "$highwater explain $tour/failover_acks_1.json -q >$scratch/x && grep -q 'shop:6960 of orders-0: LOST' $scratch/x && grep -q 'from here on there is no return' $scratch/x && grep -q 'acks=all  *saves it  *+' $scratch/x"
check "explain: the same bytes with two threads, as JSON" bash -c "$highwater explain $tour/failover_acks_1.json -q --format json -j 1 >$scratch/y && $highwater explain $tour/failover_acks_1.json -q --format json -j 2 >$scratch/z && cmp $scratch/y $scratch/z && jq -e '.format == \"highwater.explanation/1\" and .layer.name == \"producer\"' $scratch/y"
check "run: the same bytes with one thread and with two" bash -c "$highwater run $tour/*.json --seed 1..6 -j 1 >$scratch/r1; $highwater run $tour/*.json --seed 1..6 -j 2 >$scratch/r2; test -s $scratch/r1 && cmp $scratch/r1 $scratch/r2"
check "explain: nothing to explain is no failure" bash -c "$highwater explain $tour/failover_acks_all.json -q | grep -q 'No record was lost'"
check "explain: a record that does not exist: exit 2" exits 2 "$highwater" explain $tour/failover_acks_1.json --record shop:99999999 -q
check "explain under weather: a loss that compare found" bash -c "seed=\$(sed -n 's/^a loss under fast: .* --seed \([0-9]*\) .*/\1/p' $scratch/a) && $highwater explain $crashes --preset fast --seed \$seed -q | grep -q ': LOST: '"
check "advise: a leader that dies asks for acks=all" bash -c "$highwater advise $tour/failover_acks_1.json --require no-loss --seeds 5 --search 2 -q | grep -q 'Advice: .*acks=all'"
check "advise: what cannot be is told: exit 1" exits 1 "$highwater" advise $tour/failover_acks_1.json --require no-loss,p99=1ms --seeds 5 --search 1 -q
check "advise: an unknown requirement: exit 2" exits 2 "$highwater" advise $tour/failover_acks_1.json --require no-los
check "schemas of explanations and advice are JSON" bash -c "$highwater schema explanation | jq -e .title && $highwater schema advice | jq -e .title"
check "show names a preset as a source" bash -c "$highwater show $crashes --preset fast | grep -q 'acks=1 sensitive=false synonyms={PRESET:acks=1, DEFAULT_CONFIG:acks=all}'"
check "drawn faults stand in a scenario as they are" bash -c "
    $highwater run $crashes --seed 9 --show-faults --format json -q >$scratch/drawn
    jq --slurpfile v $scratch/drawn 'del(.weather) | .faults = \$v[0].drawn_faults' $crashes >$scratch/plain.json
    test \$(jq '.drawn_faults | length' $scratch/drawn) -gt 0 && test \$($highwater run $scratch/plain.json --seed 9 --format json -q | jq -r .fingerprint) = \$(jq -r .fingerprint $scratch/drawn)"
check "draw: the drawn file repeats the run, from a pipe and from a file" bash -c "
    $highwater draw $crashes --seed 9 -o $scratch/fixed.json && wanted=\$(jq -r .fingerprint $scratch/drawn)
    test \$($highwater run $scratch/fixed.json --format json -q | jq -r .fingerprint) = \$wanted
    test \$($highwater draw $crashes --seed 9 | $highwater run - --format json -q | jq -r .fingerprint) = \$wanted && jq -e '.seed == 9 and .name == \"crashes\" and (has(\"weather\") | not)' $scratch/fixed.json"
check "draw: a range of seeds: exit 2" exits 2 "$highwater" draw $crashes --seed 1..3
check "draw: bad input: exit 2" exits 2 bash -c "echo '{}' | $highwater draw -"
check "compare prints drawn faults of each seed" bash -c "compares $crashes --presets fast --seeds 2 -q --show-faults | grep -q 'seed 2: drawn faults'"
check "schemas of presets and comparisons are JSON" bash -c "$highwater schema comparison | jq -e .title && $highwater schema preset | jq -e .title"
printf 'acks=1\nenable.idempotence : false\nssl.truststore.location=/x\\\n  y\nlinger.ms=5\n' >"$scratch/producer.properties"
printf 'a=\\u12x\n' >"$scratch/bad.properties"
all=$tour/failover_acks_all.json
check "--producer-config is a layer" bash -c "$highwater show $all --producer-config $scratch/producer.properties -q | grep -q 'acks=1 '"
check "-X is stronger than a file" bash -c "$highwater show $all --producer-config $scratch/producer.properties -X acks=all -X enable.idempotence=true -q | grep -q ' acks=all '"
check "what is not modelled is summarised" bash -c "$highwater show $all --producer-config $scratch/producer.properties 2>&1 >/dev/null | grep -q '1 settings are not modelled and change nothing: ssl.truststore.location'"
check "a file's settings are in the command that repeats" bash -c "$highwater run $all --producer-config $scratch/producer.properties -q --format json | jq -r .repeat | grep -q -- '--producer-config'"
check "a malformed file: exit 2, with its line" bash -c "$highwater run $all --producer-config $scratch/bad.properties -q 2>&1 | grep -q 'bad.properties:1: '"
check "a malformed file: exit 2" exits 2 "$highwater" run $all --broker-config "$scratch/bad.properties" -q
check "-X to every producer" bash -c "$highwater show $all -X 'producer.*.linger.ms=77' -q | grep -q 'linger.ms=77 '"
restart=scenarios/book/rolling_consumer_restart.json
check "describe: topics, offsets, members and state" bash -c "$highwater describe $restart --at 30s >$scratch/d && grep -q '^Topic: orders' $scratch/d && grep -q '^GROUP *TOPIC *PARTITION *CURRENT-OFFSET' $scratch/d && grep -q 'ASSIGNMENT-STRATEGY' $scratch/d && ! grep -q __consumer_offsets $scratch/d"
check "describe: internal topics when asked" bash -c "$highwater describe $restart --at 30s --topics --internal | grep -q '^Topic: __consumer_offsets'"
check "describe: JSON, twice the same" bash -c "$highwater describe $restart --at 30s --format json >$scratch/a && $highwater describe $restart --at 30s --format json >$scratch/b && cmp $scratch/a $scratch/b && jq -e '.format == \"highwater.description/1\" and (.groups[0].members | length) == 3' $scratch/a && $highwater schema description | jq -e .title"
check "describe: no time: exit 2" exits 2 "$highwater" describe $restart
check "describe: a bad time: exit 2" exits 2 "$highwater" describe $restart --at soon
check "describe: an unknown group: exit 2 and a suggestion" bash -c "! $highwater describe $restart --at 9s --group biling 2>$scratch/e && grep -q 'did you mean \"billing\"?' $scratch/e"
check "describe: after the end it says so" bash -c "$highwater describe $restart --at 2h --topics 2>&1 >/dev/null | grep -q 'the run ends at'"
check "trace: Perfetto's JSON, ShiViz' first line, Jepsen's operations" bash -c "$highwater trace $tour/first_record.json --format perfetto -q | jq -e '.traceEvents | length > 20' && $highwater trace $tour/first_record.json --format shiviz -q | head -n 1 | grep -q '^(?<time>' && $highwater trace $tour/first_record.json --format edn -q | grep -q ':type :ok, :f :send'"
check "trace: one fact makes no picture: exit 2" exits 2 "$highwater" trace $tour/first_record.json --format perfetto --fact PartitionChanged
check "report: the same bytes twice" bash -c "$highwater report $tour/failover_acks_1.json -o $scratch/a -q && $highwater report $tour/failover_acks_1.json -o $scratch/b -q && cmp $scratch/a $scratch/b && grep -q \"default-src 'none'\" $scratch/a"
check "report: a record that is none: exit 2" exits 2 "$highwater" report $tour/failover_acks_1.json --record shop -o "$scratch/a"
check "report: what is no result: exit 2, and what was expected" bash -c "! echo '{\"format\":\"x/1\"}' >$scratch/x.json; $highwater report $scratch/x.json 2>&1 >/dev/null | grep -q '/format: expected highwater.verdict/1'"
check "report: a seed for a result: exit 2" exits 2 bash -c "$highwater run $tour/first_record.json --format json -o $scratch/v.json && $highwater report $scratch/v.json --seed 2 -o $scratch/a"
check "verifiable: lines of one client" bash -c "$highwater run $restart --as verifiable --client billing/2 -q | jq -e .name | grep -c offsets_committed"
check "verifiable: an unknown client: exit 2" exits 2 "$highwater" run $restart --as verifiable --client bill
check "verifiable: one run only: exit 2" exits 2 "$highwater" run $restart --as verifiable --seed 1..2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
