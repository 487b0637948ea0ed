#!/usr/bin/env bash
# Every replication scenario of the tour and the book runs from the same file under ZooKeeper, and no guarantee is violated.
# What a file expects of KRaft's times may fail. Not run: what names a release without ZooKeeper, a protocol of 4.0, or the
# controllers of a quorum; each of these is refused with its reason.
set -uo pipefail
highwater=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ran=0 failed=0
for scenario in scenarios/tour/*.json scenarios/book/*.json; do
    verdict=$("$highwater" run "$scenario" -X metadata=zookeeper -q --format json 2>/tmp/zookeeper.$$)
    code=$?
    if [ $code -eq 2 ] && grep -Eq 'has no ZooKeeper|no such controller|KIP-848|has no "quorum|not modelled under ZooKeeper' /tmp/zookeeper.$$; then continue; fi
    ran=$((ran + 1))
    if [ $code -gt 1 ]; then
        echo "$scenario: exit $code: $(head -n1 /tmp/zookeeper.$$)"
        failed=$((failed + 1))
    elif grep -q '"violated"' <<<"$verdict"; then
        echo "$scenario: $(grep -o '"[a-z_]*": *"violated"' <<<"$verdict" | tr '\n' ' ')"
        failed=$((failed + 1))
    fi
done
rm -f /tmp/zookeeper.$$
echo "$ran scenarios ran under ZooKeeper, $failed failed"
[ $failed -eq 0 ] && [ $ran -ge 90 ]
