// Each rule of transactions is shown red by a fact that contradicts the logs, and green by those that do not.

#include "tests/transaction/cluster.hpp"

using namespace kafka;

namespace {

/// One transaction is committed, another is open.
struct Told : TransactionCluster {
    Told() {
        run_until(2);
        initialize();
        produce(orders);
        end(true);
        produce(orders);
        REQUIRE(first_finding() == "");
        REQUIRE(markers.size() == 1);
    }
    fact::MarkerWritten marker() const { return markers.front(); }
};

} // namespace

TEST_CASE("markers_follow_a_decision: a marker of a transaction about which no record was written") {
    Told cluster;
    fact::MarkerWritten marker = cluster.marker();
    cluster.tell(marker);
    CHECK(cluster.breaches("markers_follow_a_decision") == 0);
    marker.producer_epoch = static_cast<std::int16_t>(marker.producer_epoch + 1); // the open one
    cluster.tell(marker);
    CHECK(cluster.breaches("markers_follow_a_decision") == 1);
}

TEST_CASE("transactions_have_one_outcome: a partition that hears of the other outcome") {
    Told cluster;
    fact::MarkerWritten marker = cluster.marker();
    marker.partition = cluster.paid;
    marker.outcome = ControlType::abort;
    cluster.tell(marker);
    CHECK(cluster.breaches("transactions_have_one_outcome") == 1);
}

TEST_CASE("last_stable_offset_is_decided: neither past an open transaction nor past the high watermark") {
    Told cluster;
    const BrokerSlot leader = cluster.leader(cluster.orders).slot;
    CHECK(cluster.stable_end(cluster.orders) == Offset{11});
    cluster.tell(fact::LastStableOffsetMoved{leader, cluster.orders, Offset{11}});
    CHECK(cluster.breaches("last_stable_offset_is_decided") == 0);
    cluster.tell(fact::LastStableOffsetMoved{leader, cluster.orders, Offset{21}});
    CHECK(cluster.breaches("last_stable_offset_is_decided") == 1);
    Told other;
    other.end(true);
    other.tell(fact::LastStableOffsetMoved{leader, other.orders, Offset{22}});
    CHECK(other.breaches("last_stable_offset_is_decided") == 0);
    other.tell(fact::LastStableOffsetMoved{leader, other.orders, Offset{23}});
    CHECK(other.breaches("last_stable_offset_is_decided") == 1);
}

TEST_CASE("coordinator_epochs_grow: a partition takes the marker of a coordinator that was replaced") {
    Told cluster;
    fact::MarkerWritten marker = cluster.marker();
    auto& known = cluster.replica(cluster.orders).producers.transactions;
    known.unreplicated.push_back({marker.producer_id, Offset{0}, marker.offset}); // it has an effect
    marker.coordinator_epoch = next(marker.coordinator_epoch);
    cluster.tell(marker);
    CHECK(cluster.breaches("coordinator_epochs_grow") == 0);
    marker.coordinator_epoch = Epoch{marker.coordinator_epoch.value - 1};
    cluster.tell(marker);
    CHECK(cluster.breaches("coordinator_epochs_grow") == 1);
}

TEST_CASE("producer_epochs_grow: of one id, and no id has two owners") {
    Told cluster;
    fact::TransactionChanged changed = cluster.changed.back();
    cluster.tell(changed);
    CHECK(cluster.breaches("producer_epochs_grow") == 0);
    changed.producer_epoch = static_cast<std::int16_t>(changed.producer_epoch - 1);
    cluster.tell(changed);
    CHECK(cluster.breaches("producer_epochs_grow") == 1);
    changed.transactional_id = TransactionalIdIndex{1};
    changed.broker =
        cluster.leader(cluster.configuration->transactional_id(changed.transactional_id).partition).slot;
    cluster.tell(changed);
    CHECK(cluster.breaches("producer_epochs_grow") == 2);
}
