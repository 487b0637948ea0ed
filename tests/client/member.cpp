// A member, its coordinator and the application around it, in small clusters.

#include "models/check/ledger.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

/// Runs consumers as the scenario has them over 1,000 records at 200 a second; keeps what members did.
struct GroupRun {
    Scenario scenario;
    World world;
    Ledger ledger;
    std::vector<std::pair<sim::SimTime, fact::CommitSent>> commits;
    std::vector<std::pair<sim::SimTime, fact::CommitAnswered>> answers;
    std::vector<fact::PartitionRevoked> revoked;

    static Scenario read(const std::string& consumers, const std::string& faults) {
        const SettingTables tables;
        const std::string text =
            R"({"brokers":1,"config":{"group.initial.rebalance.delay.ms":0},
            "topics":[{"name":"t","assignment":[[1],[1]]}],
            "producers":[{"name":"p","topic":"t","start":"1s","records":{"count":1000,"rate":200}}],
            "consumers":[)" +
            consumers + R"(],"faults":[)" + faults + R"(],"until":"40s"})";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return std::move(*result.scenario);
    }
    explicit GroupRun(const std::string& consumers, const std::string& faults = "")
        : scenario(read(consumers, faults)), world(make_world(scenario.configuration, 1)),
          ledger(*scenario.configuration) {
        do {
            for (const Fact& noted : world.kernel.facts) {
                ledger.on(world.kernel.now, world.events, noted, world);
                if (const auto* sent = std::get_if<fact::CommitSent>(&noted))
                    commits.emplace_back(world.kernel.now, *sent);
                if (const auto* answered = std::get_if<fact::CommitAnswered>(&noted))
                    answers.emplace_back(world.kernel.now, *answered);
                if (const auto* gone = std::get_if<fact::PartitionRevoked>(&noted)) revoked.push_back(*gone);
            }
            ledger.after_step(world);
        } while (step(world));
        ledger.at_end(world);
    }
    const GroupSummary& group() const { return ledger.consumption.groups[0]; }
};

std::string member(const std::string& config, const std::string& application, const std::string& more = "") {
    return R"({"name":"c","group":"g","config":{"auto.offset.reset":"earliest","session.timeout.ms":6000,
        "heartbeat.interval.ms":1000,)" +
           config + R"(},"application":)" + application + more + "}";
}

} // namespace

TEST_CASE("member: two members share the partitions and process every record once") {
    const GroupRun ran(
        member(R"("enable.auto.commit":false)", R"({"commit":"after-processing"})", R"(,"members":2)"));
    CHECK(ran.group().processed == 1000);
    CHECK(ran.group().repeats == 0);
    CHECK(ran.group().lag == 0);
    CHECK(ran.world.readers[0].positions.size() == 1);
    CHECK(ran.world.readers[1].positions.size() == 1);
}

TEST_CASE("member: the automatic commit comes in poll() after its interval, and once more on close") {
    const GroupRun ran(member(R"("enable.auto.commit":true,"auto.commit.interval.ms":2000)", "{}"),
                       R"({"at":"20500ms","do":"stop","target":"consumer c"})");
    REQUIRE(ran.commits.size() > 4);
    for (std::size_t i = 1; i < ran.commits.size(); ++i) {
        const bool same = ran.commits[i].first == ran.commits[i - 1].first; // the other partition
        const bool closes = ran.commits[i].second.cause == CommitCause::on_close;
        CHECK((same || closes || ran.commits[i].first - ran.commits[i - 1].first >= sim::milliseconds(2000)));
    }
    CHECK(ran.commits.back().second.cause == CommitCause::on_close);
    CHECK(ran.group().lag == 0);
}

TEST_CASE("member: committing before processing loses what a crash interrupts, and names it") {
    const std::string crash =
        R"({"when":{"committed":{"group":"g","partition":"t-0","at_least":100}},"by":"20ms","do":"crash",
        "target":"consumer c","for":"2s"})";
    const std::string config = R"("enable.auto.commit":false,"max.poll.records":50)";
    const GroupRun before(
        member(config, R"({"commit":"before-processing","process_time":"4ms"})", R"(,"start":"5s")"), crash);
    CHECK(before.group().lost > 0);
    CHECK(before.group().repeats == 0);
    REQUIRE_FALSE(before.ledger.consumption.losses.empty());
    CHECK(before.ledger.consumption.losses[0].crashed);
    const GroupRun after(
        member(config, R"({"commit":"after-processing","process_time":"4ms"})", R"(,"start":"5s")"), crash);
    CHECK(after.group().lost == 0);
    CHECK(after.group().processed == 1000);
    CHECK(after.group().repeated[static_cast<std::size_t>(RepeatCause::crash_before_commit)] > 0);
}

TEST_CASE("member: one that slept through its session loses its partitions, and its commit is refused") {
    const GroupRun ran(member(R"("enable.auto.commit":false)",
                              R"({"commit":"after-processing","process_time":"8ms"})", R"(,"members":2)"),
                       R"({"at":"3s","do":"pause","target":"consumer c/1","for":"12s"})");
    CHECK(ran.group().commits_fenced > 0);
    CHECK(ran.group().processed == 1000);
    CHECK(std::any_of(ran.revoked.begin(), ran.revoked.end(),
                      [](const fact::PartitionRevoked& one) { return one.lost; }));
}

TEST_CASE("member: processing longer than max.poll.interval.ms leaves the group") {
    const GroupRun ran(member(R"("enable.auto.commit":false,"max.poll.interval.ms":2000)",
                              R"({"commit":"after-processing","spike":"4s","spike_every":300})"));
    CHECK(ran.group().commits_fenced > 0);
    CHECK(ran.group().lost == 0);
}

TEST_CASE("member: the new protocol and applications without a group are refused by name") {
    const SettingTables tables;
    const auto problem = [&](const std::string& consumer) {
        const ReadResult result =
            read_scenario(R"({"topics":[{"name":"t"}],"consumers":[)" + consumer + "]}", "x", {}, tables);
        return result.problems.empty() ? "" : format(result.problems.front());
    };
    CHECK(problem(R"({"group":"g","config":{"group.protocol":"consumer"}})").find("not modelled") !=
          std::string::npos);
    CHECK(problem(R"({"application":{"commit":"none"}})").find("goes with \"group\"") != std::string::npos);
    CHECK(problem(R"({"members":2})").find("goes with \"group\"") != std::string::npos);
    CHECK(problem(R"({"group":"g","application":{"retry_topic":"t"}})").find("not modelled") !=
          std::string::npos);
}
