#!/usr/bin/env bash
# Does this build run every shipped scenario exactly as all others do?
#   fingerprints.sh PATH/highwater             compare with fingerprints.txt
#   fingerprints.sh PATH/highwater --first     compare the first seed of each only, for builds that run slowly
#   fingerprints.sh PATH/highwater --some      and of these the files of sanitized.txt, for builds that run very slowly
#   fingerprints.sh PATH/highwater --update    write it, after a change that was meant to change runs
set -euo pipefail
highwater=$(readlink -f "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
golden=tests/determinism/fingerprints.txt
now=$(mktemp)
wanted=$(mktemp)
trap 'rm -f "$now" "$now.json" "$wanted"' EXIT
seeds=2
files=(scenarios)
case ${2:-} in
    --first) seeds=1 ;;
    --some)
        seeds=1
        mapfile -t files <tests/determinism/sanitized.txt # each kind of fault, operation and weather, in few files
        ;;
esac
got=0
"$highwater" test "${files[@]}" --seeds $seeds -j 2 --format json -q >"$now.json" || got=$?
# Expectations are not the question here (they may hold for seed 1 alone); anything worse than a failed one is.
if [ "$got" -gt 1 ]; then
    echo "highwater ended with $got"
    jq -r '.scenarios[].errors[]' "$now.json"
    exit 1
fi
jq -r '.scenarios[] | (.file + (if .release then "@" + .release else "" end)) as $file | .runs[] | "\($file) \(.seed) \(.fingerprint)"' "$now.json" >"$now"
if [ "${2:-}" = --update ]; then
    [ -z "${CI:-}" ] || { echo "--update is refused while CI is set" && exit 2; }
    cp "$now" "$golden"
fi
awk -v seeds=$seeds -v files=" ${files[*]} " '
    {file = $1; sub(/@.*/, "", file)}
    $2 <= seeds && (files == " scenarios " || index(files, " " file " "))' "$golden" >"$wanted"
diff "$wanted" "$now" || {
    echo "fingerprints differ (< committed, > this build). If runs were meant to change:"
    echo "  tests/determinism/fingerprints.sh build/release/highwater --update"
    exit 1
}
echo "$(wc -l <"$now") fingerprints are the committed ones"
