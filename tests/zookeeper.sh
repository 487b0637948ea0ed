#!/usr/bin/env bash
# Every replication scenario of the tour, the book and the faults runs from the same file under ZooKeeper, and no guarantee
# is violated. What a file expects of KRaft's times may fail; of operations and directories everything has to hold.
# Files for KRaft alone stand below, each with its reason: others may not be refused.
set -uo pipefail
highwater=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# A release without ZooKeeper (transactions of version 2, the consumer protocol): aborted_transaction_is_not_read,
# copy_written_apart, exactly_once_copy, hanging_transaction_is_refused, transaction_timeout, three zombies,
# fenced_member_of_the_consumer_protocol, rebalance_without_stop_the_world, same_crash_under_both_protocols,
# future_timestamps_are_refused (4.0's default).
# The quorum itself: controller_election, no_controller_majority, zone_power_loss (expects its elections),
# controller_disk_full, controller_disk_hangs, voter_clock_set_back, rolling_upgrade (rolls its voters; under ZooKeeper: rolling_upgrade_of_zookeeper).
kraft_only='book/(aborted_transaction_is_not_read|copy_written_apart|exactly_once_copy|hanging_transaction_is_refused'
kraft_only+='|transaction_timeout|zombie_copier_is_fenced|zombie_copier_without_metadata|zombie_producer_is_fenced'
kraft_only+='|fenced_member_of_the_consumer_protocol|rebalance_without_stop_the_world|same_crash_under_both_protocols'
kraft_only+='|controller_election|no_controller_majority|rolling_upgrade)\.json'
kraft_only+='|faults/(zone_power_loss|controller_disk_full|controller_disk_hangs|voter_clock_set_back|future_timestamps_are_refused)\.json'
# Operations and disks: the very expectations of the file hold under ZooKeeper as well (of throttle_too_low all but one: the
# controller of ZooKeeper counts the leader epoch when it begins).
to_the_letter='book/(reassignment_under_load|topic_deleted_under_producers)|faults/jbod_one_directory_fails'
ran=0 failed=0 to_the_letter_ran=0
for scenario in scenarios/tour/*.json scenarios/book/*.json scenarios/faults/*.json; do
    [[ $scenario =~ $kraft_only ]] && continue
    verdict=$("$highwater" run "$scenario" -X metadata=zookeeper -q --format json 2>/tmp/zookeeper.$$)
    code=$?
    ran=$((ran + 1))
    if [[ $scenario =~ $to_the_letter ]]; then
        to_the_letter_ran=$((to_the_letter_ran + 1))
        if [ $code -ne 0 ] || grep -q '"held": *false' <<<"$verdict"; then
            echo "$scenario: exit $code: an expectation failed"
            failed=$((failed + 1))
            continue
        fi
    fi
    if [ $code -gt 1 ]; then
        echo "$scenario: exit $code: $(head -n1 /tmp/zookeeper.$$)"
        failed=$((failed + 1))
    elif grep -q '"violated"' <<<"$verdict"; then
        echo "$scenario: $(grep -o '"[a-z_]*": *"violated"' <<<"$verdict" | tr '\n' ' ')"
        failed=$((failed + 1))
    fi
done
# The same operations in the era before AlterPartition, and before reassignments could be asked of the controller.
for release in 2.6 2.3; do
    for name in reassignment_under_load throttle_too_low topic_deleted_under_producers; do
        "$highwater" run "scenarios/book/$name.json" -X metadata=zookeeper -X release=$release -q --format json >/tmp/zookeeper.$$ 2>&1
        code=$?
        ran=$((ran + 1))
        if [ $code -gt 1 ] || grep -q '"violated"' /tmp/zookeeper.$$; then
            echo "scenarios/book/$name.json under $release: exit $code"
            failed=$((failed + 1))
        fi
    done
done
rm -f /tmp/zookeeper.$$
echo "$ran scenarios ran under ZooKeeper, $failed failed"
[ $failed -eq 0 ] && [ $ran -ge 130 ] && [ $to_the_letter_ran -eq 3 ]
