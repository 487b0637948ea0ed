// A member, its coordinator and the application around it, in small clusters.

#include "tests/client/group_run.hpp"

using namespace kafka;
using kafka::test::GroupRun;
using kafka::test::member;

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

TEST_CASE("member: what is not modelled, and applications without a group, are refused by name") {
    const SettingTables tables;
    const auto problem = [&](const std::string& consumer) {
        const ReadResult result = read_scenario(
            R"({"topics":[{"name":"t"},{"name":"u"}],"consumers":[)" + consumer + "]}", "x", {}, tables);
        return result.problems.empty() ? "" : format(result.problems.front());
    };
    CHECK(problem(R"({"topics":["t"],"application":{"commit":"none"}})").find("goes with \"group\"") !=
          std::string::npos);
    CHECK(problem(R"({"topics":["t"],"members":2})").find("goes with \"group\"") != std::string::npos);
    const std::string both = R"({"name":"c","topics":["t"],"group":"g","config":{"enable.auto.commit":false},
        "application":{"commit":"after-processing","fails":{"every":3},"on_failure":"skip",
                       "output":{"topic":"u","config":{"transactional.id":"x"}}}})";
    CHECK(problem(both).find("not modelled") != std::string::npos);
}
