#pragma once
// A group on one broker, run to its end, with what its members did.

#include "models/check/ledger.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

namespace kafka::test {

/// Runs consumers as the scenario has them over 1,000 records at 200 a second; keeps what members did.
struct GroupRun {
    Scenario scenario;
    World world;
    Ledger ledger;
    std::vector<std::pair<sim::SimTime, fact::CommitSent>> commits;
    std::vector<std::pair<sim::SimTime, fact::CommitAnswered>> answers;
    std::vector<fact::PartitionRevoked> revoked;
    std::vector<std::pair<sim::SimTime, fact::ProcessingEnded>> processed;
    std::vector<fact::MemberLeft> gone_members;

    static Scenario read(const std::string& consumers, const std::string& faults, const std::string& broker) {
        const SettingTables tables;
        const std::string text = R"({"brokers":1,"config":{"group.initial.rebalance.delay.ms":0)" + broker +
                                 R"(},
            "topics":[{"name":"t","assignment":[[1],[1]]}],
            "producers":[{"name":"p","topic":"t","start":"1s","records":{"count":1000,"rate":200}}],
            "consumers":[)" + consumers +
                                 R"(],"faults":[)" + faults + R"(],"until":"40s"})";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return std::move(*result.scenario);
    }
    explicit GroupRun(const std::string& consumers, const std::string& faults = "",
                      const std::string& broker = "")
        : scenario(read(consumers, faults, broker)), world(make_world(scenario.configuration, 1)),
          ledger(*scenario.configuration) {
        do {
            for (const Fact& noted : world.kernel.facts) {
                ledger.on(world.kernel.now, world.events, noted, world);
                if (const auto* sent = std::get_if<fact::CommitSent>(&noted))
                    commits.emplace_back(world.kernel.now, *sent);
                if (const auto* answered = std::get_if<fact::CommitAnswered>(&noted))
                    answers.emplace_back(world.kernel.now, *answered);
                if (const auto* done = std::get_if<fact::ProcessingEnded>(&noted))
                    processed.emplace_back(world.kernel.now, *done);
                if (const auto* left = std::get_if<fact::MemberLeft>(&noted)) gone_members.push_back(*left);
                if (const auto* gone = std::get_if<fact::PartitionRevoked>(&noted)) revoked.push_back(*gone);
            }
            ledger.after_step(world);
        } while (step(world));
        ledger.at_end(world);
    }
    /// Processing at any time between `from` and `to`.
    std::int64_t processed_between(std::int64_t from_seconds, std::int64_t to_seconds) const {
        std::int64_t count = 0;
        for (const auto& [time, done] : processed)
            if (time >= sim::SimTime{from_seconds * 1000000} && time < sim::SimTime{to_seconds * 1000000})
                count += done.count;
        return count;
    }
    const GroupSummary& group() const { return ledger.consumption.groups[0]; }
};

inline std::string member(const std::string& config, const std::string& application,
                          const std::string& more = "") {
    return R"({"name":"c","group":"g","config":{"auto.offset.reset":"earliest","session.timeout.ms":6000,
        "heartbeat.interval.ms":1000,)" +
           config + R"(},"application":)" + application + more + "}";
}

} // namespace kafka::test
