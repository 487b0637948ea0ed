// Each checker is shown red by facts that it must not accept, and green by their repair.

#include "tests/check/ended.hpp"

using namespace kafka;
using ended::Ended;

TEST_CASE("checkers: a healthy run is green") {
    Ended run;
    for (const Guarantee& one : run.judged())
        CHECK_MESSAGE(one.state == GuaranteeState::held, one.name << " " << one.because);
    for (const auto& one : run.invariants.counts())
        CHECK_MESSAGE(one.second == 0, one.first);
}

TEST_CASE(
    "acknowledged_records_survive: a log without an acknowledged record is a violation under acks=all") {
    Ended run;
    truncate_to(run.log(0), Offset{50});
    run.replica(0).high_watermark = run.log(0).log_end_offset;
    CHECK(run.state("acknowledged_records_survive") == GuaranteeState::violated);
    CHECK(run.ledger.streams[0].lost > 0);
    CHECK(run.ledger.losses.front().evidence.acks == Acks::all);
    CHECK(run.ledger.losses.front().first_offset == run.log(0).log_end_offset);
    CHECK(run.ledger.losses.back().last_offset == Offset{99});
}

TEST_CASE("acknowledged_records_survive: what a leader with too small an ISR withholds is not lost") {
    Ended run;
    run.replica(0).high_watermark = Offset{50}; // it learned no newer one before it was elected
    PartitionState& state = run.world.controllers[0].memory.image.partitions[0];
    state.isr = only(BrokerSlot{0});
    CHECK(run.state("acknowledged_records_survive") == GuaranteeState::held);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].unavailable >= 50); // the batch across that offset is not served
    Ended enough;
    enough.replica(0).high_watermark = Offset{50};
    CHECK(enough.state("acknowledged_records_survive") == GuaranteeState::violated);
}

TEST_CASE("acknowledged_records_survive: the same is allowed under acks=1, and says why") {
    Ended run(R"({"acks":"1","enable.idempotence":false})");
    truncate_to(run.log(0), Offset{50});
    run.replica(0).high_watermark = run.log(0).log_end_offset;
    CHECK(run.state("acknowledged_records_survive") == GuaranteeState::allowed);
    CHECK(allowed_loss(run.ledger.losses.front(), run.ledger, *run.scenario.configuration) == "acks=1");
}

TEST_CASE("no_duplicates and order_within_partition: a batch that stands twice, a batch out of place") {
    Ended run;
    Batch again = run.log(0).batches[0];
    append_as_leader(run.log(0), again, Epoch{0});
    run.replica(0).high_watermark = run.log(0).log_end_offset;
    CHECK(run.state("no_duplicates") == GuaranteeState::violated);
    CHECK(run.ledger.streams[0].duplicated == again.count);
    Ended late;
    Batch first = late.log(0).batches[0];
    Log reordered;
    for (std::size_t i = 1; i < late.log(0).batches.size(); ++i)
        append_as_leader(reordered, late.log(0).batches[i], Epoch{0});
    append_as_leader(reordered, first, Epoch{0});
    late.log(0) = reordered;
    CHECK(late.state("order_within_partition") == GuaranteeState::violated);
    CHECK(late.ledger.streams[0].reordered == first.count);
}

TEST_CASE("only_committed_records_are_read: a record above the high watermark is a dirty read") {
    Ended run;
    run.replica(0).high_watermark = Offset{10};
    run.tell(fact::Delivered{ConsumerIndex{0}, PartitionIndex{0}, Offset{100}, StreamIndex{0}, Value{0}, 5,
                             Epoch{0}, BrokerSlot{0}});
    CHECK(run.readings.dirty_reads == 5);
    CHECK(run.state("only_committed_records_are_read") == GuaranteeState::violated);
}

TEST_CASE("only_committed_records_are_read: what came late was committed when it was served") {
    Ended run;
    const Offset committed = run.replica(0).high_watermark;
    run.replica(0).high_watermark = Offset{10}; // the leader was back with its checkpoint meanwhile
    run.tell(fact::Delivered{ConsumerIndex{0}, PartitionIndex{0}, Offset{committed.value - 5}, StreamIndex{0},
                             Value{0}, 5, Epoch{0}, BrokerSlot{0}});
    CHECK(run.readings.dirty_reads == 0);
}

TEST_CASE("readers_agree: one offset with two records is found, also in the middle of a run") {
    Ended run;
    run.tell(fact::Delivered{ConsumerIndex{0}, PartitionIndex{0}, Offset{3}, StreamIndex{0}, Value{40}, 2,
                             Epoch{0}, BrokerSlot{0}});
    CHECK(run.readings.inconsistent_offsets == 2);
    CHECK(run.state("readers_agree") == GuaranteeState::violated);
}

TEST_CASE("read_records_survive, no_phantom_records, acknowledged_offsets_are_unique") {
    Ended vanished;
    truncate_to(vanished.log(0), Offset{50});
    CHECK(vanished.state("read_records_survive") == GuaranteeState::violated);
    Ended phantom;
    phantom.tell(fact::Delivered{ConsumerIndex{0}, PartitionIndex{0}, Offset{100}, StreamIndex{0}, Value{100},
                                 1, Epoch{0}, BrokerSlot{0}});
    CHECK(phantom.state("no_phantom_records") == GuaranteeState::violated);
    Ended reuse;
    reuse.tell(fact::RecordsAcknowledged{StreamIndex{0}, Value{50}, 1, Offset{3}, {}, {}});
    CHECK(reuse.state("acknowledged_offsets_are_unique") == GuaranteeState::violated);
}

TEST_CASE("high_watermark_is_on_every_isr_member: an ISR member without the records") {
    Ended run;
    truncate_to(run.log(2), Offset{50});
    run.replica(2).high_watermark = run.log(2).log_end_offset;
    run.look();
    CHECK(run.breaches("high_watermark_is_on_every_isr_member") > 0);
    CHECK(run.state("replication_protocol") == GuaranteeState::violated);
}

TEST_CASE("logs_agree_below_high_watermarks: different records at one offset") {
    Ended run;
    truncate_to(run.log(2), Offset{50});
    while (run.log(2).log_end_offset < run.log(0).log_end_offset) {
        Batch other = run.log(0).batches[0];
        other.value_first = Value{1000};
        other.count =
            static_cast<std::int32_t>(distance(run.log(2).log_end_offset, run.log(0).log_end_offset));
        append_as_leader(run.log(2), other, Epoch{0});
    }
    run.look();
    CHECK(run.breaches("logs_agree_below_high_watermarks") > 0);
}

TEST_CASE("elected_leader_has_every_committed_record: a leader that lacks what was committed") {
    Ended run;
    truncate_to(run.log(1), Offset{50});
    run.tell(fact::BecameLeader{BrokerSlot{1}, PartitionIndex{0}, Epoch{1}, PartitionEpoch{1},
                                only(BrokerSlot{1}), Offset{40}, run.log(1).log_end_offset});
    CHECK(run.breaches("elected_leader_has_every_committed_record") == 1);
    Ended unclean; // an unclean election excuses it: the loss is judged elsewhere
    truncate_to(unclean.log(1), Offset{50});
    unclean.tell(fact::PartitionChanged{PartitionIndex{0},
                                        BrokerSlot{1},
                                        Epoch{1},
                                        PartitionEpoch{1},
                                        only(BrokerSlot{1}),
                                        {},
                                        {},
                                        ChangeCause::elected_unclean,
                                        true});
    unclean.tell(fact::BecameLeader{BrokerSlot{1}, PartitionIndex{0}, Epoch{1}, PartitionEpoch{1},
                                    only(BrokerSlot{1}), Offset{40}, unclean.log(1).log_end_offset});
    CHECK(unclean.breaches("elected_leader_has_every_committed_record") == 0);
}

TEST_CASE(
    "one_leader_per_epoch, leader_is_in_isr, isr_and_elr_are_valid, high_watermark_of_a_leader_never_falls") {
    Ended run;
    const BrokerSet one = only(BrokerSlot{1});
    run.tell(fact::BecameLeader{BrokerSlot{1}, PartitionIndex{0}, Epoch{0}, PartitionEpoch{0}, one,
                                Offset{100}, Offset{100}});
    CHECK(run.breaches("one_leader_per_epoch") == 1);
    run.tell(fact::PartitionChanged{PartitionIndex{0},
                                    BrokerSlot{0},
                                    Epoch{1},
                                    PartitionEpoch{1},
                                    one,
                                    {},
                                    {},
                                    ChangeCause::isr_shrink,
                                    false});
    CHECK(run.breaches("leader_is_in_isr") == 1);
    run.tell(fact::PartitionChanged{PartitionIndex{0},
                                    BrokerSlot{1},
                                    Epoch{1},
                                    PartitionEpoch{1},
                                    one,
                                    one,
                                    {},
                                    ChangeCause::isr_shrink,
                                    false});
    CHECK(run.breaches("isr_and_elr_are_valid") == 1);
    Ended falling;
    falling.tell(fact::HighWatermarkMoved{BrokerSlot{0}, PartitionIndex{0}, Offset{90}, Epoch{0}, true});
    CHECK(falling.breaches("high_watermark_of_a_leader_never_falls") == 1);
}

TEST_CASE("lossy_replicas_are_no_candidates: a replica that lost data joins without having caught up") {
    Ended run;
    const BrokerSet two = only(BrokerSlot{0}) | only(BrokerSlot{1});
    const auto isr_becomes = [&](int partition_epoch, BrokerSet isr, ChangeCause cause) {
        run.tell(fact::PartitionChanged{PartitionIndex{0},
                                        BrokerSlot{0},
                                        Epoch{0},
                                        PartitionEpoch{partition_epoch},
                                        isr,
                                        {},
                                        {},
                                        cause,
                                        false});
    };
    isr_becomes(1, two, ChangeCause::isr_shrink);
    truncate_to(run.log(2), Offset{0});
    run.tell(fact::LogTruncated{BrokerSlot{2}, PartitionIndex{0}, Offset{100}, Offset{0},
                                RemovalCause::disk_wiped, no_epoch});
    CHECK(run.breaches("lossy_replicas_are_no_candidates") == 0);
    isr_becomes(2, two | only(BrokerSlot{2}), ChangeCause::isr_expand);
    CHECK(run.breaches("lossy_replicas_are_no_candidates") == 1);
}

TEST_CASE("lossy_replicas_are_no_candidates: nobody can know of a host that lost its power a moment ago") {
    Ended run;
    const auto isr_becomes = [&](int partition_epoch, BrokerSet isr, ChangeCause cause) {
        run.tell(fact::PartitionChanged{PartitionIndex{0},
                                        BrokerSlot{0},
                                        Epoch{0},
                                        PartitionEpoch{partition_epoch},
                                        isr,
                                        {},
                                        {},
                                        cause,
                                        false});
    };
    const BrokerSet two = only(BrokerSlot{0}) | only(BrokerSlot{1});
    isr_becomes(1, two, ChangeCause::isr_shrink);
    run.world.kernel.network.lose_power(run.world.kernel.network.host_of(Addresses::broker(BrokerSlot{2})));
    truncate_to(run.log(2), Offset{0});
    run.tell(fact::LogTruncated{BrokerSlot{2}, PartitionIndex{0}, Offset{100}, Offset{0},
                                RemovalCause::power_loss, no_epoch});
    isr_becomes(2, two | only(BrokerSlot{2}), ChangeCause::isr_expand);
    CHECK(run.breaches("lossy_replicas_are_no_candidates") == 0);
}

TEST_CASE("only_fetched_records_join_the_isr, offsets_are_dense") {
    Ended run;
    Leader& leader = std::get<Leader>(run.replica(0).role);
    leader.epoch_start_offset = Offset{100};
    truncate_to(run.log(2), Offset{10});
    leader.isr.remove(BrokerSlot{2});
    leader.isr_state = PendingExpand{BrokerSlot{2}};
    run.replica(1).high_watermark = Offset{1000};
    run.look();
    CHECK(run.breaches("only_fetched_records_join_the_isr") == 1);
    CHECK(run.breaches("offsets_are_dense") >= 1);
}

TEST_CASE("ranges: runs merge, and what is missing is what was not added") {
    Ranges ranges;
    CHECK(ranges.add(0, 10) == 0);
    CHECK(ranges.add(20, 30) == 0);
    CHECK(ranges.add(5, 25) == 10);
    CHECK(ranges.count() == 30);
    CHECK(ranges.runs().size() == 1);
    Ranges other;
    other.add(3, 5);
    other.add(28, 40);
    CHECK(ranges.minus(other).count() == 26);
    CHECK(ranges.both(other).count() == 4);
    CHECK(ranges.count_in(29, 100) == 1);
}

TEST_CASE("reassignments_are_valid: what is added or removed is a replica, and old replicas go last") {
    Assignment replicas;
    for (const int slot : {0, 1, 2})
        replicas.add(BrokerSlot{slot});
    Ended run;
    run.tell(fact::ReplicasChanged{PartitionIndex{0}, replicas, {}, only(BrokerSlot{2})});
    CHECK(run.breaches("reassignments_are_valid") == 0);
    run.tell(fact::ReplicasChanged{PartitionIndex{0}, replicas, only(BrokerSlot{5}), {}});
    CHECK(run.breaches("reassignments_are_valid") == 1); // it adds whom it does not have
    run.tell(fact::ReplicasChanged{PartitionIndex{0}, replicas, {}, replicas.set()});
    CHECK(run.breaches("reassignments_are_valid") == 2); // nobody would be left
    // Done, says the controller, while one of the replicas is not in sync.
    Ended early;
    PartitionState& state = early.world.controllers.front().memory.image.partitions.front();
    state.replicas = replicas;
    state.isr.remove(BrokerSlot{2});
    early.tell(fact::PartitionChanged{PartitionIndex{0},
                                      state.leader,
                                      state.leader_epoch,
                                      state.partition_epoch,
                                      state.isr,
                                      {},
                                      {},
                                      ChangeCause::reassignment_completed,
                                      false});
    early.tell(fact::ReplicasChanged{PartitionIndex{0}, replicas, {}, {}});
    CHECK(early.breaches("reassignments_are_valid") == 1);
}
