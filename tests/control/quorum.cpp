// Elections among controllers, and what a change of the active controller keeps and resets.

#include "models/check/invariants.hpp"
#include "tests/cluster/driven.hpp"

using namespace kafka;

namespace {

using cluster_test::Driven;

std::string with_controllers(int count, const std::string& rest, const std::string& release = "4.3") {
    return R"({"release": ")" + release + R"(", "metadata": {"type": "kraft", "controllers": )" +
           std::to_string(count) + R"(}, "topics": [{"name": "orders", "replication.factor": 3}],)" + rest +
           "}";
}

Epoch epoch_of(const Driven& test, int voter) {
    return test.world.controllers[static_cast<std::size_t>(voter)].durable.election.epoch;
}

/// The voters that became leader, in order, by place.
std::vector<int> leaders(const Driven& test) {
    std::vector<int> all;
    for (const auto& [time, fact] : test.all<fact::QuorumRoleChanged>())
        if (fact.role == QuorumRole::leader) all.push_back(fact.voter.value);
    return all;
}

std::int64_t activation_ms(const Driven& test, Epoch epoch) {
    return test.first_ms<fact::ControllerActivated>(
        [&](const auto& fact) { return fact.active && fact.epoch == epoch; });
}

} // namespace

TEST_CASE("quorum: another voter becomes the active controller when the active one dies") {
    Driven test(with_controllers(3, R"("faults": [{"at": "5s", "do": "crash", "target": "controller 101"}],
                                        "until": "20s")"));
    test.to_the_end();
    REQUIRE(leaders(test).size() == 1);
    CHECK(leaders(test).front() != 0);
    // A fetch time-out (2 s) after the last answer, and one election.
    CHECK(activation_ms(test, Epoch{2}) > 6000);
    CHECK(activation_ms(test, Epoch{2}) < 7600);
}

TEST_CASE("quorum: a leader that ends in good order is succeeded at once") {
    Driven test(with_controllers(3, R"("faults": [{"at": "5s", "do": "stop", "target": "controller 101"}],
                                        "until": "20s")"));
    test.to_the_end();
    CHECK(activation_ms(test, Epoch{2}) >= 5000);
    CHECK(activation_ms(test, Epoch{2}) < 5100);
}

TEST_CASE("quorum: without a majority nobody is elected, and brokers go on serving") {
    Driven test(with_controllers(
        3, R"("producers": [{"name": "shop", "topic": "orders", "records": {"count": 2000, "rate": 100}}],
              "faults": [{"at": "5s", "do": "crash", "target": "controller 101"},
                         {"at": "5s", "do": "crash", "target": "controller 102"}], "until": "30s")"));
    test.to_the_end();
    CHECK(leaders(test).empty());
    CHECK(epoch_of(test, 2) == Epoch{1}); // pre-votes leave the epoch as it is
    CHECK(test.world.acknowledged[0] == 2000);
}

TEST_CASE("quorum: without pre-votes a lonely voter counts epochs up") {
    Driven test(with_controllers(3, R"("faults": [{"at": "5s", "do": "crash", "target": "controller 101"},
                                        {"at": "5s", "do": "crash", "target": "controller 102"}],
                                        "until": "30s")",
                                 "3.9"));
    test.to_the_end();
    CHECK(leaders(test).empty());
    CHECK(epoch_of(test, 2) > Epoch{5});
}

TEST_CASE("quorum: a voter that comes back from a cut disturbs nobody since pre-votes") {
    const std::string cut = R"("faults": [
        {"at": "5s", "do": "cut", "between": ["controller 103", "controller 101"], "for": "15s"},
        {"at": "5s", "do": "cut", "between": ["controller 103", "controller 102"], "for": "15s"}],
        "until": "40s")";
    Driven now(with_controllers(3, cut));
    now.to_the_end();
    CHECK(epoch_of(now, 0) == Epoch{1});
    CHECK(leaders(now).empty());
    Driven before(with_controllers(3, cut, "3.9"));
    before.to_the_end();
    CHECK(epoch_of(before, 0) > Epoch{1});
}

TEST_CASE("quorum: a leader without a majority resigns since 3.7 only") {
    const std::string cut = R"("faults": [
        {"at": "5s", "do": "cut", "between": ["controller 101", "controller 102"]},
        {"at": "5s", "do": "cut", "between": ["controller 101", "controller 103"]}], "until": "30s")";
    const auto gives_up = [](const Driven& test) {
        return test.first_ms<fact::ControllerActivated>(
            [](const auto& fact) { return fact.voter == Voter{0} && !fact.active; });
    };
    Driven now(with_controllers(3, cut, "3.7"));
    now.to_the_end();
    CHECK(gives_up(now) > 7000);
    CHECK(gives_up(now) <= 8600); // 1.5 fetch time-outs
    Driven before(with_controllers(3, cut, "3.6"));
    before.to_the_end();
    CHECK(gives_up(before) == -1); // a zombie: it decides on, and nothing of it is committed
    CHECK(leaders(before).size() >= 1);
}

TEST_CASE("quorum: what a controller without a majority decides is undone") {
    // 1. The active controller is cut from both other voters. 2. An order reaches it. 3. The others elect.
    // 4. The cut heals: its record gives way to the new leader's.
    Driven test(with_controllers(3, R"("faults": [
        {"at": "5s", "do": "cut", "between": ["controller 101", "controller 102"], "for": "10s"},
        {"at": "5s", "do": "cut", "between": ["controller 101", "controller 103"], "for": "10s"},
        {"at": "5100ms", "do": "set", "target": "topic orders", "config": {"min.insync.replicas": 2}}],
        "until": "40s")"));
    test.to_the_end();
    CHECK(
        !test.all<fact::MetadataTruncated>([](const auto& fact) { return fact.voter == Voter{0}; }).empty());
    for (const Controller& voter : test.world.controllers)
        CHECK(voter.durable.committed.topics[0].min_insync_replicas == 1);
}

TEST_CASE("quorum: a change of the active controller begins every broker's session anew") {
    Driven test(with_controllers(3, R"("faults": [
        {"at": "5s", "do": "crash", "target": "broker 1"},
        {"at": "10s", "do": "crash", "target": "controller 101"}], "until": "40s")"));
    test.to_the_end();
    const std::int64_t active = activation_ms(test, Epoch{2});
    const std::int64_t fenced = test.change_ms(ChangeCause::broker_fenced);
    CHECK(fenced >= active + 9000);
    CHECK(fenced < active + 9000 + 1200); // looked for each eighth of a session
}

TEST_CASE("quorum: a wiped voter loads a snapshot") {
    Driven test(with_controllers(3, R"("config": {"metadata.log.max.record.bytes.between.snapshots": 500},
              "faults": [{"at": "5s", "do": "wipe_disk", "target": "controller 103", "name": "wiped"},
                         {"after": "wiped", "by": "2s", "do": "start", "target": "controller 103"}],
              "until": "30s")"));
    test.to_the_end();
    CHECK(!test.all<fact::MetadataSnapshotLoaded>().empty());
    const auto& voters = test.world.controllers;
    CHECK(high_watermark(voters[2]) >= Offset{50});
    CHECK(voters[2].durable.committed == voters[0].durable.committed);
}

TEST_CASE("quorum: the image of every voter is what its log says") {
    Driven test(with_controllers(3, R"("faults": [
        {"at": "3s", "do": "crash", "target": "broker 1", "for": "15s"},
        {"at": "8s", "do": "crash", "target": "controller", "for": "5s"},
        {"at": "20s", "do": "stop", "target": "broker 2", "for": "5s"}], "until": "50s")"));
    test.to_the_end();
    for (const Controller& voter : test.world.controllers) {
        ControllerImage image = empty_image(*test.configuration);
        for (std::int64_t i = 0; i < high_watermark(voter).value; ++i)
            apply(image, voter.durable.log.records[static_cast<std::size_t>(i)]);
        CHECK(image == voter.durable.committed);
        ControllerImage again = empty_image(*test.configuration);
        for (const MetadataRecord& record : describe(image))
            apply(again, record);
        CHECK(again == image);
    }
}

TEST_CASE("quorum: combined controllers die with their brokers") {
    Driven test(R"({"metadata": {"type": "kraft", "controllers": 3, "combined": true},
        "topics": [{"name": "orders"}],
        "faults": [{"at": "5s", "do": "crash", "target": "broker 1", "name": "first", "for": "20s"}],
        "until": "50s"})");
    test.to_the_end();
    CHECK(leaders(test).size() == 1);
    CHECK(test.decided().isr.size() == 3);
    CHECK(epoch_of(test, 0) == epoch_of(test, 1));
}

TEST_CASE("quorum: what a broker has fetched is applied although its controller leaves in that moment") {
    // The leader of the quorum resigns while brokers apply its last answer; their connections to it end.
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Driven test(R"({"metadata": {"type": "kraft", "controllers": 3, "combined": true},
            "topics": [{"name": "orders", "replication.factor": 3}],
            "faults": [{"at": "5s", "do": "stop", "target": "broker 1", "for": "30ms"}], "until": "40s"})",
                    seed);
        test.to_the_end();
        INFO("seed " << seed);
        REQUIRE(test.decided().isr.size() == 3);
    }
}

TEST_CASE("quorum: a voter whose disk was replaced begins its epochs again") {
    Driven test(with_controllers(3, R"("faults": [
        {"at": "3s", "do": "crash", "target": "controller 101", "for": "5s"},
        {"at": "20s", "do": "wipe_disk", "target": "controller 103", "name": "wiped"},
        {"after": "wiped", "by": "2s", "do": "start", "target": "controller 103"}], "until": "40s")"));
    Invariants invariants(*test.configuration);
    Observer* const watching[] = {&invariants};
    run(test.world, watching);
    REQUIRE(epoch_of(test, 2) > Epoch{1});
    for (const auto& counted : invariants.counts())
        CHECK_MESSAGE(counted.second == 0, counted.first);
}
