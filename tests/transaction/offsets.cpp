// Offsets of groups in transactions, and coordinators that were replaced without knowing it.

#include "tests/transaction/cluster.hpp"

using namespace kafka;

namespace {

struct OffsetCluster : TransactionCluster {
    using TransactionCluster::TransactionCluster;

    void add_offsets() {
        ask(AddOffsetsToTxnRequest{1, TransactionalIdIndex{0}, producer_id, epoch, GroupIndex{0}});
        settle();
    }
    void commit_offset(std::int64_t offset) {
        Broker& broker = leader(offsets());
        TxnOffsetCommitRequest request;
        request.transactional_id = TransactionalIdIndex{0};
        request.group = GroupIndex{0};
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.support = support;
        request.content = world.kernel.slabs.offsets.acquire();
        world.kernel.slabs.offsets.open(request.content)
            .entries.push_back({orders, Offset{offset}, no_epoch});
        act(broker, [&](Turn& turn) {
            CHECK(parts::handle_group_request(broker, sim::no_connection, request, turn));
        });
        settle();
    }
    const Group* group() {
        for (const Group& one : leader(offsets()).memory.coordination.groups.groups)
            if (one.index == GroupIndex{0}) return &one;
        return nullptr;
    }
    bool is_pending() { return group() != nullptr && !group()->transactions.empty(); }
    Offset offset() {
        return group() == nullptr || group()->offsets.empty() ? no_offset : group()->offsets.front().offset;
    }
};

} // namespace

TEST_CASE("offsets in a transaction: pending until the marker stands in their partition, then they count") {
    for (const char* const release : {"2.8", "3.9", "4.3"}) {
        OffsetCluster cluster(release);
        cluster.run_until(2);
        cluster.initialize();
        cluster.produce(cluster.paid);
        if (!cluster.version_2()) cluster.add_offsets();
        cluster.commit_offset(7);
        CHECK(cluster.is_pending());
        CHECK(cluster.offset() == no_offset);
        cluster.end(true);
        CHECK(!cluster.is_pending());
        CHECK(cluster.offset() == Offset{7});
        CHECK(cluster.markers.size() == 2);
        if (!cluster.version_2()) cluster.add_offsets();
        cluster.commit_offset(9);
        cluster.end(false);
        CHECK(!cluster.is_pending());
        CHECK(cluster.offset() == Offset{7});
        CHECK(cluster.first_finding() == "");
    }
}

TEST_CASE("offsets in a transaction: refused where they were never added, and hang before 3.6") {
    OffsetCluster cluster("3.9");
    cluster.run_until(2);
    cluster.initialize();
    cluster.commit_offset(7);
    CHECK(!cluster.is_pending());
    OffsetCluster old("3.5");
    old.run_until(2);
    old.initialize();
    old.commit_offset(7);
    CHECK(old.is_pending());
}

TEST_CASE("offsets in a transaction: the next group coordinator knows what is pending") {
    OffsetCluster cluster("4.3", R"(,"faults":[{"at":"8s","do":"crash","target":"coordinator of billing"}])");
    cluster.run_until(2);
    cluster.initialize();
    cluster.commit_offset(7);
    REQUIRE(cluster.is_pending());
    const BrokerSlot old = cluster.leader(cluster.offsets()).slot;
    cluster.run_until(30);
    CHECK(cluster.leader(cluster.offsets()).slot != old);
    CHECK(cluster.is_pending());
    cluster.end(true);
    cluster.wait(sim::seconds(20));
    CHECK(cluster.offset() == Offset{7});
}

TEST_CASE("a coordinator that was replaced: its decision is never committed, and its markers are not taken") {
    for (const char* const release : {"3.9", "4.3"}) {
        TransactionCluster cluster(
            release, R"(,"faults":[{"at":"6s","do":"cut","target":"coordinator of mover","for":"30s"}])");
        cluster.run_until(2);
        cluster.initialize();
        cluster.produce(cluster.orders);
        Broker& old = cluster.leader(cluster.state());
        cluster.run_until(7);
        cluster.ask_to_end(false); // heard by the one that is cut off
        cluster.run_until(30);
        Broker& fresh = cluster.leader(cluster.state());
        CHECK(fresh.slot != old.slot);
        CHECK(cluster.markers.empty());
        cluster.ask_to_end(true); // the same request, asked of the new one
        cluster.run_until(110);
        REQUIRE(!cluster.markers.empty());
        for (const fact::MarkerWritten& one : cluster.markers)
            CHECK(one.outcome == ControlType::commit);
        CHECK(cluster.changed.back().state == TransactionState::complete_commit);
        CHECK(old.memory.coordination.transactions.partitions.empty());
        CHECK(cluster.first_finding() == "");
    }
}

TEST_CASE("markers: a leader refuses those of an older coordinator and of an older producer") {
    TransactionCluster cluster;
    cluster.run_until(2);
    cluster.initialize();
    cluster.produce(cluster.orders);
    cluster.end(true);
    cluster.produce(cluster.orders);
    const Offset end = cluster.log(cluster.orders).log_end_offset;
    const fact::MarkerWritten first = cluster.markers.front();
    const auto tell = [&](std::int16_t epoch, Epoch coordinator_epoch, PartitionIndex partition) {
        Broker& broker = cluster.leader(cluster.orders);
        WriteTxnMarkersRequest request{1, cluster.world.kernel.slabs.markers.acquire()};
        cluster.world.kernel.slabs.markers.open(request.content)
            .entries.push_back(
                {first.producer_id, epoch, ControlType::abort, coordinator_epoch, partition, true});
        cluster.act(broker, [&](Turn& turn) { parts::handle(broker, sim::no_connection, request, turn); });
    };
    tell(static_cast<std::int16_t>(cluster.epoch + 1), Epoch{-1},
         cluster.orders);                                         // TRANSACTION_COORDINATOR_FENCED
    tell(0, first.coordinator_epoch, cluster.orders);             // INVALID_PRODUCER_EPOCH
    tell(cluster.epoch, first.coordinator_epoch, cluster.orders); // version 2: needs a new epoch
    CHECK(cluster.log(cluster.orders).log_end_offset == end);
    tell(static_cast<std::int16_t>(cluster.epoch + 1), first.coordinator_epoch, cluster.orders);
    CHECK(cluster.log(cluster.orders).log_end_offset == next(end));
    CHECK(cluster.breaches("markers_follow_a_decision") == 1); // nobody has decided that
}
