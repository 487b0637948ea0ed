// Transactions through brokers: verification, markers, the last stable offset, failover.

#include "tests/transaction/cluster.hpp"

using namespace kafka;

namespace {
constexpr IsolationLevel committed = IsolationLevel::read_committed;
constexpr IsolationLevel uncommitted = IsolationLevel::read_uncommitted;
} // namespace

TEST_CASE("transactions: read_committed sees a transaction once its marker is on every replica, not before") {
    for (const char* const release : {"2.8", "3.9", "4.3"}) {
        TransactionCluster cluster(release);
        cluster.run_until(2);
        cluster.initialize();
        cluster.produce(cluster.orders);
        cluster.produce(cluster.paid);
        CHECK(cluster.last_error() == ErrorCode::none);
        CHECK(cluster.replica(cluster.orders).high_watermark == Offset{10});
        CHECK(cluster.stable_end(cluster.orders) == Offset{0});
        CHECK(cluster.served_to(cluster.orders, committed) == no_offset);
        CHECK(cluster.served_to(cluster.orders, uncommitted) == Offset{10});
        cluster.end(true);
        CHECK(cluster.changed.back().state == TransactionState::complete_commit);
        REQUIRE(cluster.markers.size() == 2);
        CHECK(cluster.stable_end(cluster.orders) == Offset{11});
        CHECK(cluster.served_to(cluster.orders, committed) == Offset{11});
        CHECK(std::any_of(cluster.stable.begin(), cluster.stable.end(), [&](const auto& one) {
            return one.partition == cluster.orders && one.last_stable_offset == Offset{11};
        }));
        CHECK(cluster.first_finding() == "");
        for (int slot = 0; slot < 3; ++slot) {
            const Log& log = *log_of(cluster.world, BrokerSlot{slot}, cluster.orders);
            CHECK(log.batches.back().control == ControlType::commit);
        }
    }
}

TEST_CASE("transactions: an aborted one is named to readers, from its first record to its marker") {
    TransactionCluster cluster;
    cluster.run_until(2);
    cluster.initialize();
    cluster.produce(cluster.orders);
    cluster.end(true);
    cluster.produce(cluster.orders);
    cluster.end(false);
    const LogTransactions& known = cluster.replica(cluster.orders).producers.transactions;
    std::vector<AbortedTransaction> aborted;
    collect_aborted(known, Offset{0}, Offset{22}, aborted);
    REQUIRE(aborted.size() == 1);
    CHECK(aborted[0].first_offset == Offset{11});
    aborted.clear();
    collect_aborted(known, Offset{0}, Offset{11}, aborted); // read up to the first only
    CHECK(aborted.empty());
    collect_aborted(known, Offset{21}, Offset{22}, aborted); // the marker itself
    CHECK(aborted.size() == 1);
    CHECK(cluster.served_to(cluster.orders, committed) == Offset{22});
    const Broker& follower = cluster.world.brokers[1];
    const Replica& copy = follower.memory.replicas[0];
    CHECK(copy.producers.transactions.aborted == known.aborted);
    CHECK(rebuild(follower.disk.logs[0], dialect_of(newest_release)).transactions.aborted == known.aborted);
}

TEST_CASE("transactions: a batch of a partition that was never added is refused where brokers verify") {
    TransactionCluster cluster("3.9");
    cluster.run_until(2);
    cluster.initialize();
    cluster.send(cluster.orders, 0);
    cluster.settle();
    CHECK(cluster.last_error() == ErrorCode::invalid_txn_state);
    cluster.support = TransactionSupport::abortable;
    cluster.send(cluster.orders, 0);
    cluster.settle();
    CHECK(cluster.last_error() == ErrorCode::transaction_abortable);
    TransactionCluster old("3.5");
    old.run_until(2);
    old.initialize();
    old.send(old.orders, 0);
    old.settle();
    CHECK(old.last_error() == ErrorCode::none);
    CHECK(old.stable_end(old.orders) == Offset{0}); // hangs: no coordinator knows of it (KIP-890)
}

TEST_CASE("transactions: a batch that comes after the abort hangs before 3.6, and is refused since") {
    for (const char* const release : {"3.5", "3.9", "4.3"}) {
        TransactionCluster cluster(release);
        cluster.run_until(2);
        cluster.initialize();
        cluster.produce(cluster.orders);
        const std::int16_t epoch = cluster.epoch;
        cluster.end(false);
        CHECK(cluster.stable_end(cluster.orders) == Offset{11});
        cluster.epoch = epoch;
        cluster.send(cluster.orders, 10); // late
        cluster.settle();
        cluster.wait(sim::seconds(90));
        const bool verifies = std::string(release) != "3.5";
        CHECK((cluster.last_error() == ErrorCode::none) == !verifies);
        CHECK(cluster.log(cluster.orders).log_end_offset == Offset{verifies ? 11 : 21});
        CHECK(cluster.stable_end(cluster.orders) == Offset{11});
    }
}

TEST_CASE("transactions: a batch that comes before the marker of the last transaction waits for it") {
    TransactionCluster cluster("4.3");
    cluster.run_until(2);
    cluster.initialize();
    cluster.produce(cluster.orders);
    cluster.ask_to_end(true);
    for (int i = 0; i < 300 && cluster.changed.back().state != TransactionState::prepare_commit; ++i)
        cluster.wait(sim::microseconds(100));
    REQUIRE(cluster.changed.back().state == TransactionState::prepare_commit);
    cluster.take_epoch();
    cluster.send(cluster.orders, 0); // CONCURRENT_TRANSACTIONS: the leader asks again, with another guard
    cluster.settle();
    CHECK(cluster.last_error() == ErrorCode::none);
    CHECK(cluster.log(cluster.orders).log_end_offset == Offset{21});
    CHECK(cluster.stable_end(cluster.orders) == Offset{11});
    CHECK(cluster.first_finding() == "");
}

TEST_CASE("transactions: the guard of a verification is void once a marker stands") {
    ProducerStates states;
    const Dialect dialect = dialect_of(Release::v3_9);
    Batch batch;
    batch.producer_id = ProducerId{5};
    batch.producer_epoch = 0;
    batch.base_sequence = 3;
    batch.count = 2;
    batch.is_transactional = true;
    const std::uint32_t guard = start_verification(states, batch, 77, Dialect{});
    CHECK(guard == 77);
    CHECK(start_verification(states, batch, 78, Dialect{}) == 77); // the same transaction goes on
    CHECK(check_batch(states, batch, dialect, {true, false, 0}).error == ErrorCode::invalid_txn_state);
    CHECK(check_batch(states, batch, dialect, {true, false, 77}).error == ErrorCode::none);
    Batch later = batch; // may not overtake what is being verified (KAFKA-14920)
    later.base_sequence = 5;
    CHECK(check_batch(states, later, dialect, {true, false, 77}).error ==
          ErrorCode::out_of_order_sequence_number);
    remember(states, marker_batch(ControlType::abort, ProducerId{5}, 0, Epoch{1}), dialect);
    CHECK(check_batch(states, batch, dialect, {true, false, 77}).error == ErrorCode::invalid_txn_state);
    CHECK(!is_verified(states, ProducerId{5}, any_epoch, 77));
}

// 1. A producer stands still in a transaction. 2. It takes too long, and is aborted under a higher epoch. 3.
// The producer writes on.
TEST_CASE("producer state: to 3.8 a fenced batch is told of its transaction first, and since of its epoch") {
    for (const Release release : {Release::v3_8, Release::v3_9, newest_release}) {
        ProducerStates states;
        const Dialect dialect = dialect_of(release);
        Batch batch;
        batch.producer_id = ProducerId{5};
        batch.producer_epoch = 0;
        batch.base_sequence = 0;
        batch.count = 2;
        batch.is_transactional = true;
        batch.base_offset = Offset{7};
        remember(states, batch, dialect);
        remember(states, marker_batch(ControlType::abort, ProducerId{5}, 1, Epoch{1}), dialect);
        batch.base_sequence = 2;
        const bool old = release < Release::v3_9;
        CHECK(check_batch(states, batch, dialect, {true, false, 0}).error ==
              (old ? ErrorCode::invalid_txn_state : ErrorCode::invalid_producer_epoch)); // KAFKA-19690
        CHECK(check_batch(states, batch, dialect, {}).error == ErrorCode::invalid_producer_epoch);
    }
}

TEST_CASE("producer state: who has no record left is forgotten with its transaction") { // KAFKA-7190
    ProducerStates states;
    const Dialect dialect = dialect_of(Release::v2_3);
    for (const int id : {5, 6, 7}) {
        Batch batch;
        batch.producer_id = ProducerId{id};
        batch.producer_epoch = 0;
        batch.base_sequence = 0;
        batch.count = 2;
        batch.is_transactional = id == 5;
        batch.base_offset = Offset{2 * (id - 5)};
        remember(states, batch, dialect);
    }
    remember(states, marker_batch(ControlType::abort, ProducerId{9}, 0, Epoch{1}), dialect);
    forget_below(states, Offset{3});
    REQUIRE(states.entries.size() == 2);
    CHECK(states.entries[0].producer_id == ProducerId{6}); // offset 3 is its last
    CHECK(states.entries[1].producer_id == ProducerId{7});
    CHECK(states.transactions.open.empty());
}

TEST_CASE("producer state: what a transaction forbids, and what a marker may do") {
    ProducerStates states;
    const Dialect dialect = dialect_of(newest_release);
    Batch batch;
    batch.producer_id = ProducerId{5};
    batch.producer_epoch = 1;
    batch.base_sequence = 0;
    batch.count = 2;
    batch.is_transactional = true;
    batch.base_offset = Offset{7};
    Batch late = batch;
    late.base_sequence = 4;
    CHECK(check_batch(states, late, dialect, {false, true, 0}).error ==
          ErrorCode::out_of_order_sequence_number); // version 2: a new epoch begins at 0
    CHECK(check_batch(states, late, dialect, {}).error == ErrorCode::none);
    remember(states, batch, dialect);
    CHECK(has_open_transaction(states, ProducerId{5}, any_epoch));
    CHECK(has_open_transaction(states, ProducerId{5}, 1));
    CHECK(!has_open_transaction(states, ProducerId{5}, 2)); // the next transaction, with version 2
    Batch early = batch;
    early.producer_epoch = 2;
    ProducerStates asked = states;
    CHECK(start_verification(asked, early, 79, dialect) == 79);
    CHECK(start_verification(asked, early, 80, dialect_of(Release::v3_9)) == 0); // looks at no epoch
    CHECK(last_stable_offset(states.transactions, Offset{9}) == Offset{7});
    Batch plain = batch;
    plain.base_sequence = 2;
    plain.is_transactional = false;
    CHECK(check_batch(states, plain, dialect, {}).error == ErrorCode::invalid_txn_state);
    Batch marker = marker_batch(ControlType::commit, ProducerId{5}, 0, Epoch{3});
    CHECK(check_marker(states, marker, false) == ErrorCode::invalid_producer_epoch);
    marker.producer_epoch = 1;
    CHECK(check_marker(states, marker, false) == ErrorCode::none);
    CHECK(check_marker(states, marker, true) == ErrorCode::invalid_producer_epoch); // KIP-1228
    marker.producer_epoch = 2;
    CHECK(check_marker(states, marker, true) == ErrorCode::none);
    marker.base_offset = Offset{9};
    remember(states, marker, dialect);
    CHECK(!has_open_transaction(states, ProducerId{5}, any_epoch));
    CHECK(last_stable_offset(states.transactions, Offset{9}) == Offset{7}); // the marker is not replicated
    CHECK(last_stable_offset(states.transactions, Offset{10}) == Offset{10});
    CHECK(check_marker(states, marker, true) == ErrorCode::none); // repeated
    marker.value_first = Value{2};
    CHECK(check_marker(states, marker, true) == ErrorCode::transaction_coordinator_fenced);
    CHECK(check_batch(states, plain, dialect, {}).error == ErrorCode::invalid_producer_epoch);
    CHECK(is_fenced(states, ProducerId{5}, 1));
    Batch next = batch;
    next.producer_epoch = 2;
    next.base_sequence = 1; // only a marker stands in this epoch
    CHECK(check_batch(states, next, dialect, {}).error == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("transactions: one that takes too long is aborted by its coordinator, and its producer fenced") {
    for (const char* const release : {"3.9", "4.3"}) {
        TransactionCluster cluster(release);
        cluster.run_until(2);
        cluster.initialize();
        cluster.produce(cluster.orders);
        const std::int16_t epoch = cluster.epoch;
        cluster.run_until(60);
        CHECK(cluster.markers.empty());
        cluster.run_until(76);
        REQUIRE(cluster.markers.size() == 1);
        CHECK(cluster.markers[0].outcome == ControlType::abort);
        CHECK(cluster.markers[0].producer_epoch == epoch + 1);
        CHECK(cluster.changed.back().state == TransactionState::complete_abort);
        CHECK(cluster.stable_end(cluster.orders) == Offset{11});
        cluster.send(cluster.orders, 10);
        cluster.settle();
        CHECK(cluster.last_error() == ErrorCode::invalid_producer_epoch);
    }
}

TEST_CASE("failover: a decision that was written is carried out by the next coordinator") {
    for (const char* const release : {"3.9", "4.3"}) {
        TransactionCluster cluster(release,
                                   R"(,"faults":[{"at":"6s","do":"crash","target":"coordinator of mover"}])");
        cluster.run_until(2);
        cluster.initialize();
        cluster.produce(cluster.orders);
        cluster.produce(cluster.paid);
        const BrokerSlot old = cluster.leader(cluster.state()).slot;
        cluster.run_until(sim::SimTime{5985000}); // enough time to write it down
        cluster.ask_to_end(true);
        cluster.run_until(60);
        CHECK(cluster.leader(cluster.state()).slot != old);
        const auto decided = std::count_if(cluster.changed.begin(), cluster.changed.end(),
                                           [](const fact::TransactionChanged& one) {
                                               return one.state == TransactionState::prepare_commit;
                                           });
        const bool written = decided > 0 || !cluster.markers.empty();
        CHECK(written);
        CHECK(cluster.changed.back().state == TransactionState::complete_commit);
        for (const fact::MarkerWritten& one : cluster.markers)
            CHECK(one.outcome == ControlType::commit);
        CHECK(cluster.log(cluster.orders).batches.back().control == ControlType::commit);
        CHECK(cluster.log(cluster.paid).batches.back().control == ControlType::commit);
        CHECK(cluster.stable_end(cluster.orders) == cluster.replica(cluster.orders).high_watermark);
        CHECK(cluster.first_finding() == "");
    }
}

TEST_CASE("failover: markers find the next leader of a data partition, and its log ends the transaction") {
    TransactionCluster cluster(
        "4.3", R"(,"faults":[{"at":"6s","do":"crash","target":"leader of paid-0","for":"60s"}])");
    cluster.run_until(2);
    cluster.initialize();
    cluster.produce(cluster.orders);
    cluster.produce(cluster.paid);
    if (cluster.leader(cluster.state()).slot == cluster.leader(cluster.paid).slot) return; // another story
    cluster.run_until(sim::SimTime{6010000});
    cluster.ask_to_end(true);
    cluster.run_until(40);
    CHECK(cluster.changed.back().state == TransactionState::complete_commit);
    CHECK(cluster.log(cluster.paid).batches.back().control == ControlType::commit);
    CHECK(cluster.world.brokers[0].memory.traffic.leaderless.empty());
    CHECK(cluster.world.brokers[0].memory.traffic.retrying.empty());
}
