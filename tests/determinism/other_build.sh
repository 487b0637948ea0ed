#!/usr/bin/env bash
# Builds the program another way (a preset of CMakePresets.json) and compares its fingerprints with the committed ones.
#   other_build.sh plain    g++ without optimisation
#   other_build.sh clang    clang++-14, -O3
#   other_build.sh clang-plain    clang++-14 without optimisation: the other compiler and the other level at once
#   other_build.sh clang-asan     the same with address and undefined-behaviour sanitizers; this one is a test
#   other_build.sh asan     g++ with address and undefined-behaviour sanitizers
#   other_build.sh asan units    and the unit tests under them, which takes as long again
set -euo pipefail
preset=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$here"
targets=(highwater)
[ "${2:-}" = units ] && targets+=(highwater_tests)
mkdir -p build
log=build/$preset.log
started=$SECONDS
if ! { cmake --preset "$preset" && cmake --build "build/$preset" --target "${targets[@]}"; } >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "the build $preset failed; all of it is in $log"
    exit 1
fi
echo "built in $((SECONDS - started)) s"
started=$SECONDS
selection=()
case $preset in *plain) selection=(--first) ;; clang-asan) selection=(--some) ;; esac # without optimisation a run takes ten times as long
bash tests/determinism/fingerprints.sh "build/$preset/highwater" ${selection[@]+"${selection[@]}"}
echo "compared in $((SECONDS - started)) s"
[ "${2:-}" = units ] || exit 0
started=$SECONDS
# Laws and mutants run thousands of cases; under sanitizers a few of each kind say as much.
HIGHWATER_PROPERTY_SEEDS=60 "build/$preset/highwater_tests" --no-version -tce='mutants*'
echo "unit tests in $((SECONDS - started)) s"
