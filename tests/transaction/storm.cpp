// Whatever fails: every decision is carried out, everywhere alike, and readers get past it.

#include "tests/transaction/cluster.hpp"

#include <fmt/format.h>

using namespace kafka;

namespace {

/// Brokers crash, are cut off and come back for two minutes; then the cluster is left alone.
std::string faults_of(std::uint64_t seed) {
    std::string all = R"(,"faults":[)";
    std::uint64_t draw = seed * 0x9E3779B97F4A7C15ULL + 1;
    for (int i = 0; i < 8; ++i) {
        draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
        const std::uint64_t bits = draw >> 33;
        all += fmt::format(R"({}{{"at":"{}ms","do":"{}","target":"broker {}","for":"{}s"}})",
                           i == 0 ? "" : ",", 4000 + i * 14000 + static_cast<int>(bits % 3000),
                           bits % 7 < 3   ? "crash"
                           : bits % 7 < 5 ? "cut"
                                          : "pause",
                           1 + (bits / 7) % 3, 2 + (bits / 21) % 10);
    }
    return all + "]";
}

/// One producer does what comes to its mind, and takes no for an answer.
struct Storm : TransactionCluster {
    std::uint64_t draw;

    Storm(const std::string& release, std::uint64_t seed)
        : TransactionCluster(release, faults_of(seed)), draw(seed) {}

    bool is_led(PartitionIndex partition) {
        const BrokerSlot leader = decided_state(world, partition).leader;
        return leader != no_slot && is_running(world, leader);
    }
    void follow() { // the epoch that the coordinator has committed last
        if (changed.empty()) return;
        take_epoch();
    }
    void act_once() {
        draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
        const std::uint64_t bits = draw >> 40;
        const PartitionIndex partition = bits % 2 == 0 ? orders : paid;
        wait(sim::milliseconds(static_cast<std::int64_t>(bits % 400)));
        if (!is_led(state()) || !is_led(orders) || !is_led(paid)) return;
        follow();
        const std::uint64_t what = (bits / 2) % 10;
        if (what == 0) {
            InitProducerIdRequest request;
            request.transactional_id = TransactionalIdIndex{0};
            request.timeout = sim::seconds(60);
            ask(request);
        } else if (what < 7) {
            if (!version_2()) add(partition);
            if (is_led(partition)) send(partition, sequences[static_cast<std::size_t>(partition.value)]);
            if (!answered.empty() && answered.back().error == ErrorCode::none)
                sequences[static_cast<std::size_t>(partition.value)] += 10;
        } else {
            ask_to_end(what < 9);
        }
    }
    bool is_done(PartitionIndex partition) {
        const LogTransactions& known = replica(partition).producers.transactions;
        return known.open.empty() && stable_end(partition) == replica(partition).high_watermark;
    }
};

} // namespace

TEST_CASE("transactions: whatever fails, what is decided is carried out, and nobody waits for ever") {
    std::int64_t commits = 0;
    std::int64_t aborts = 0;
    for (const char* const release : {"3.9", "4.3"})
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            Storm storm(release, seed);
            storm.run_until(2);
            storm.initialize();
            while (storm.world.kernel.now < sim::SimTime{125000000})
                storm.act_once();
            storm.run_until(290); // time-outs of 60 s included
            CHECK_MESSAGE(storm.first_finding() == "", std::string(release) << " seed " << seed);
            CHECK_MESSAGE(storm.is_done(storm.orders), std::string(release) << " seed " << seed);
            CHECK_MESSAGE(storm.is_done(storm.paid), std::string(release) << " seed " << seed);
            REQUIRE(!storm.changed.empty());
            const TransactionState last = storm.changed.back().state;
            const bool at_rest = last == TransactionState::complete_commit ||
                                 last == TransactionState::complete_abort || last == TransactionState::empty;
            CHECK_MESSAGE(at_rest, std::string(release)
                                       << " seed " << seed << " state " << static_cast<int>(last));
            for (const fact::TransactionChanged& one : storm.changed) {
                commits += one.state == TransactionState::complete_commit ? 1 : 0;
                aborts += one.state == TransactionState::complete_abort ? 1 : 0;
            }
        }
    CHECK(commits > 100);
    CHECK(aborts > 100);
}
