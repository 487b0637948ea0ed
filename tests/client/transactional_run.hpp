#pragma once
// Producers in transactions on three brokers, run to the end, with what their applications were told.

#include "models/check/guarantees.hpp"
#include "models/check/invariants.hpp"
#include "models/check/ledger.hpp"
#include "models/check/readings.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

namespace kafka::test {

/// Facts and ledgers of one run; `broken` breaks a rule everywhere.
struct TransactionalRun {
    Scenario scenario;
    World world;
    Ledger ledger;
    Readings readings;
    Invariants invariants;
    std::optional<Transactions> before_end; // as the checker was before the final logs were read
    std::vector<fact::TransactionEnded> ended;
    std::vector<std::pair<sim::SimTime, fact::ProducerFenced>> fenced;
    std::vector<std::pair<sim::SimTime, fact::TransactionBegun>> begun;

    /// `rest` is what stands behind the topics, with a comma in front.
    static Scenario read(const std::string& rest, const std::string& release) {
        const SettingTables tables;
        const std::string text = R"({"brokers":3,"release":")" + release + R"(",
            "config":{"group.initial.rebalance.delay.ms":0},
            "topics":[{"name":"t","assignment":[[1,2,3],[2,3,1]],"config":{"min.insync.replicas":2}},
                      {"name":"out","assignment":[[3,1,2]],"config":{"min.insync.replicas":2}}])" +
                                 rest + "}";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return std::move(*result.scenario);
    }
    explicit TransactionalRun(const std::string& rest, const std::string& release = "4.3",
                              std::uint64_t seed = 1, BrokenRule broken = BrokenRule::none)
        : scenario(read(rest, release)), world(make_world(with(scenario, broken), seed)),
          ledger(*world.configuration), readings(*world.configuration), invariants(*world.configuration) {
        do {
            for (const Fact& noted : world.kernel.facts) {
                ledger.on(world.kernel.now, world.events, noted, world);
                readings.on(world.kernel.now, world.events, noted, world);
                invariants.on(world.kernel.now, world.events, noted, world);
                if (const auto* one = std::get_if<fact::TransactionEnded>(&noted)) ended.push_back(*one);
                if (const auto* one = std::get_if<fact::ProducerFenced>(&noted))
                    fenced.emplace_back(world.kernel.now, *one);
                if (const auto* one = std::get_if<fact::TransactionBegun>(&noted))
                    begun.emplace_back(world.kernel.now, *one);
            }
            ledger.after_step(world);
            invariants.after_step(world);
        } while (step(world));
        before_end.emplace(ledger.transactions);
        ledger.at_end(world);
        readings.at_end(world);
    }
    static std::shared_ptr<const Configuration> with(const Scenario& scenario, BrokenRule broken) {
        auto changed = std::make_shared<Configuration>(*scenario.configuration);
        for (BrokerConfiguration& broker : changed->brokers)
            broker.dialect.broken = broken;
        for (ProducerConfiguration& producer : changed->producers)
            producer.dialect.broken = broken;
        for (ConsumerConfiguration& consumer : changed->consumers)
            consumer.dialect.broken = broken;
        return changed;
    }
    const TransactionSummary& producer(std::size_t at = 0) const { return ledger.transactions.producers[at]; }
    const TransactionTotals& totals() const { return ledger.transactions.totals; }
    const ConsumerSummary& consumer(std::size_t at = 0) const { return ledger.consumers[at]; }
    StreamSummary sum() const {
        StreamSummary all;
        for (const StreamSummary& one : ledger.streams) {
            all.sent += one.sent;
            all.acknowledged += one.acknowledged;
            all.failed += one.failed;
            all.lost += one.lost;
            all.duplicated += one.duplicated;
            all.reordered += one.reordered;
        }
        return all;
    }
    GuaranteeState state(const std::string& name) const {
        for (const Guarantee& one : judge(ledger, readings, invariants, *world.configuration))
            if (one.name == name) return one.state;
        return GuaranteeState::not_applicable;
    }
};

/// Readers of "t" of both kinds: the first is read_committed.
inline constexpr const char* two_readers =
    R"(,"consumers":[{"name":"c","topics":["t"],"config":{"auto.offset.reset":"earliest",
        "isolation.level":"read_committed"}},
                     {"name":"u","topics":["t"],"config":{"auto.offset.reset":"earliest"}}])";

inline std::string sender(const std::string& application, const std::string& config = "",
                          const std::string& records = R"({"count":2000,"rate":500})") {
    return R"({"name":"p","topic":"t","start":"1s","records":)" + records + R"(,"application":{)" +
           application + R"(},"config":{"transactional.id":"mover")" + config + "}}";
}

} // namespace kafka::test
