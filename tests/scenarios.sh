#!/usr/bin/env bash
# Every shipped scenario holds what it expects, over several seeds where it says nothing of seed 1 alone.
set -euo pipefail
highwater=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
"$highwater" run scenarios/tour/*.json scenarios/book/*.json scenarios/fidelity/*.json -q >/dev/null
"$highwater" run scenarios/tour/failover_acks_all.json scenarios/book/*.json --seed 2..12 -q >/dev/null
python3 tests/golden.py "$highwater"
