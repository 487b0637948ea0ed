// What readers may see of transactions: the pure rules, and that each finding turns red when the log is
// changed behind the checkers' back.

#include "models/check/transaction_guarantees.hpp"
#include "models/client/consumer/isolation.hpp"
#include "tests/client/transactional_run.hpp"

using namespace kafka;
using namespace kafka::test;

namespace {

Batch transactional(std::int64_t offset, std::int32_t count, std::int64_t producer) {
    Batch batch;
    batch.base_offset = Offset{offset};
    batch.stream = StreamIndex{0};
    batch.value_first = Value{offset};
    batch.count = count;
    batch.producer_id = ProducerId{producer};
    batch.is_transactional = producer >= 0;
    return batch;
}

Batch marker(std::int64_t offset, std::int64_t producer, ControlType outcome) {
    Batch batch = marker_batch(outcome, ProducerId{producer}, 0, Epoch{0});
    batch.base_offset = Offset{offset};
    return batch;
}

/// Two producers in turn: 1 aborts, 2 commits, then 1 commits and 2 is open.
std::vector<Batch> two_producers() {
    return {transactional(0, 2, 1),
            transactional(2, 3, 2),
            transactional(5, 1, -1),
            transactional(6, 2, 1),
            marker(8, 1, ControlType::abort),
            transactional(9, 1, 1),
            marker(10, 2, ControlType::commit),
            marker(11, 1, ControlType::commit),
            transactional(12, 4, 2)};
}

Log log_of_batches(const std::vector<Batch>& batches) {
    Log log;
    for (const Batch& batch : batches)
        log.batches.push_back(batch);
    log.log_end_offset = end_offset(batches.back());
    return log;
}

struct Changed {
    TransactionalRun run;
    Transactions again; // as it was before the end was judged

    Changed()
        : run(R"(,"producers":[)" +
              sender(R"("transaction_records":100,"abort_every":4)", "",
                     R"({"count":2000,"rate":500,"key":{"count":20}})") +
              "]" + two_readers + R"(,"until":"30s")"),
          again(*run.before_end) {}
    Replica& replica(int partition) {
        const BrokerSlot leader = decided_state(run.world, PartitionIndex{partition}).leader;
        Broker& broker = run.world.brokers[static_cast<std::size_t>(leader.value)];
        return broker.memory
            .replicas[static_cast<std::size_t>(position_of(broker, PartitionIndex{partition}))];
    }
    Log& log(int partition) {
        const BrokerSlot leader = decided_state(run.world, PartitionIndex{partition}).leader;
        Broker& broker = run.world.brokers[static_cast<std::size_t>(leader.value)];
        return broker.disk.logs[static_cast<std::size_t>(position_of(broker, PartitionIndex{partition}))];
    }
    /// The n-th marker of this outcome says the other.
    void turn_marker(int partition, ControlType outcome) {
        std::vector<Batch> batches;
        bool done = false;
        for (std::size_t i = 0; i < log(partition).batches.size(); ++i) {
            Batch batch = log(partition).batches[i];
            if (!done && batch.control == outcome) {
                batch.control = outcome == ControlType::commit ? ControlType::abort : ControlType::commit;
                done = true;
            }
            batches.push_back(batch);
        }
        REQUIRE(done);
        log(partition) = log_of_batches(batches);
    }
    GuaranteeState judged(const std::string& name) {
        again.at_end(run.world);
        run.ledger.transactions.totals = again.totals;
        return run.state(name);
    }
};

} // namespace

TEST_CASE("isolation: read_committed passes over what the answer calls aborted, up to the marker") {
    FetchAnswer answer;
    answer.batches = two_producers();
    answer.aborted = {{ProducerId{1}, Offset{0}}};
    FetchAnswer::Entry entry;
    entry.batch_count = static_cast<std::uint32_t>(answer.batches.size());
    entry.aborted_count = 1;
    const std::vector<bool> committed = passed_over(entry, answer, IsolationLevel::read_committed);
    CHECK(committed == std::vector<bool>{true, false, false, true, true, false, true, true, false});
    const std::vector<bool> all = passed_over(entry, answer, IsolationLevel::read_uncommitted);
    CHECK(all == std::vector<bool>{false, false, false, false, true, false, true, true, false});
    entry.batch_first = 3; // the fetch began behind the transaction's first record
    entry.batch_count = 3;
    CHECK(passed_over(entry, answer, IsolationLevel::read_committed) == std::vector<bool>{true, true, false});
}

TEST_CASE("visibility: a log says what became of each batch") {
    using Fate = BatchFate;
    const Log log = log_of_batches(two_producers());
    CHECK(fates_of(log, Offset{16}) == std::vector<Fate>{Fate::aborted, Fate::committed, Fate::committed,
                                                         Fate::aborted, Fate::control, Fate::committed,
                                                         Fate::control, Fate::control, Fate::open});
    CHECK(fates_of(log, Offset{10}) == std::vector<Fate>{Fate::aborted, Fate::open, Fate::committed,
                                                         Fate::aborted, Fate::control, Fate::open});
}

TEST_CASE("visibility: gaps of markers and aborted records are no skipped records") {
    Replica replica;
    replica.high_watermark = Offset{16};
    replica.producers.transactions.any = true;
    replica.producers.transactions.aborted = {{ProducerId{1}, Offset{0}, Offset{8}}};
    replica.producers.transactions.open = {{ProducerId{2}, Offset{12}}};
    const Log log = log_of_batches(two_producers());
    CHECK(readable_end(replica, IsolationLevel::read_committed) == Offset{12});
    CHECK(readable_end(replica, IsolationLevel::read_uncommitted) == Offset{16});
    CHECK(visible_records(log, replica, Offset{0}, Offset{12}, IsolationLevel::read_committed) == 5);
    CHECK(visible_records(log, replica, Offset{6}, Offset{10}, IsolationLevel::read_committed) == 1);
    CHECK(visible_records(log, replica, Offset{0}, Offset{16}, IsolationLevel::read_uncommitted) == 13);
}

TEST_CASE("transactions checked: nothing is found in a log that nobody has changed") {
    Changed changed;
    CHECK(changed.judged("transactions_are_whole") == GuaranteeState::held);
    CHECK(changed.judged("transactions_end") == GuaranteeState::held);
}

TEST_CASE("transactions checked: a transaction that is aborted in one partition only is torn") {
    Changed changed;
    changed.turn_marker(0, ControlType::commit);
    CHECK(changed.judged("transactions_are_whole") == GuaranteeState::violated);
    CHECK(changed.again.totals.torn == 1);
    CHECK(changed.again.totals.missing > 0);
}

TEST_CASE("transactions checked: an aborted transaction that is committed somewhere is seen") {
    Changed changed;
    changed.turn_marker(1, ControlType::abort);
    CHECK(changed.judged("aborted_records_are_not_read") == GuaranteeState::violated);
    CHECK(changed.again.totals.aborted_visible > 0);
}

TEST_CASE("transactions checked: one that is open and that no coordinator knows of is hanging") {
    Changed changed;
    changed.replica(0).producers.transactions.open.push_back({ProducerId{77}, Offset{3}});
    CHECK(changed.judged("transactions_end") == GuaranteeState::violated);
    CHECK(changed.again.totals.hanging == 1);
}
