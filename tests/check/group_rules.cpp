// Each rule of groups is shown red by a fact or a coordinator's state that contradicts it, and green by the
// others.

#include "models/check/invariants.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

/// A group of two members that is stable, at a coordinator whose state a test may break.
struct Settled {
    Scenario scenario;
    World world;
    Invariants invariants;
    Generation generation{-1};

    static Scenario read(const std::string& protocol) {
        const std::string text =
            R"({"brokers":1,"config":{"group.initial.rebalance.delay.ms":0},
                "topics":[{"name":"t","assignment":[[1],[1]]}],
            "producers":[{"name":"p","topic":"t","records":{"count":400,"rate":100}}],
            "consumers":[{"name":"c","group":"g","members":2,"config":{"group.protocol":")" +
            protocol + R"(","auto.commit.interval.ms":500}}],"until":"15s"})";
        ReadResult result = read_scenario(text, "x", {}, SettingTables());
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return std::move(*result.scenario);
    }
    explicit Settled(const std::string& protocol = "classic")
        : scenario(read(protocol)), world(make_world(scenario.configuration, 1)),
          invariants(*scenario.configuration) {
        do
            for (const Fact& noted : world.kernel.facts) {
                invariants.on(world.kernel.now, world.events, noted, world);
                if (const auto* changed = std::get_if<fact::GroupChanged>(&noted))
                    generation = changed->generation;
            }
        while (step(world));
        for (const auto& counted : invariants.counts())
            REQUIRE_MESSAGE(counted.second == 0, counted.first);
    }
    Group& group() { return world.brokers[0].memory.coordination.groups.groups[0]; }
    PartitionIndex offsets() const { return scenario.configuration->groups[0].partition; }
    void tell(const Fact& fact) { invariants.on(world.kernel.now, world.events, fact, world); }
    void look() {
        tell(fact::CoordinatorAppended{BrokerSlot{0}, offsets(), Offset{0}, 1, CoordinatorKind::group, {}});
    }
    std::int64_t breaches(const std::string& name) const {
        for (const auto& [one, count] : invariants.counts())
            if (one == name) return count;
        REQUIRE_MESSAGE(false, name);
        return 0;
    }
    fact::OffsetCommitted commit(int member, Generation from) const {
        fact::OffsetCommitted commit;
        commit.broker = BrokerSlot{0};
        commit.group = GroupIndex{0};
        commit.consumer = ConsumerIndex{member};
        commit.partition = PartitionIndex{0};
        commit.offset = Offset{10};
        commit.record = Offset{1};
        commit.generation = from;
        return commit;
    }
};

} // namespace

TEST_CASE("commits_come_from_members: neither an older generation nor a stranger commits") {
    Settled run;
    run.tell(run.commit(0, run.generation));
    CHECK(run.breaches("commits_come_from_members") == 0);
    run.tell(run.commit(0, Generation{run.generation.value - 1}));
    CHECK(run.breaches("commits_come_from_members") == 1);
    fact::OffsetCommitted refused = run.commit(0, Generation{run.generation.value - 1});
    refused.error = ErrorCode::illegal_generation;
    run.tell(refused);
    CHECK(run.breaches("commits_come_from_members") == 1);
    Settled consumer("consumer");
    consumer.tell(consumer.commit(1, Generation{1}));
    CHECK(consumer.breaches("commits_come_from_members") == 0);
    std::erase_if(consumer.group().consumer.members,
                  [](const ConsumerMember& member) { return member.consumer == ConsumerIndex{1}; });
    consumer.tell(consumer.commit(1, Generation{1}));
    CHECK(consumer.breaches("commits_come_from_members") == 1);
}

TEST_CASE("commits_come_from_members: what was accepted before a member left may still be committed") {
    Settled run;
    GroupBatch batch;
    batch.partition = run.offsets();
    Write write;
    write.group = GroupIndex{0};
    write.consumer = ConsumerIndex{0};
    write.generation = run.generation;
    write.records.resize(1);
    batch.writes.push_back(write);
    run.world.brokers[0].memory.coordination.groups.batches.push_back(batch);
    run.tell(fact::MemberLeft{BrokerSlot{0}, GroupIndex{0}, ConsumerIndex{0}, MemberId{1}, LeaveCause::left});
    std::erase_if(run.group().classic.members,
                  [](const ClassicMember& member) { return member.consumer == ConsumerIndex{0}; });
    run.tell(run.commit(0, run.generation));
    CHECK(run.breaches("commits_come_from_members") == 0);
    run.tell(run.commit(0, run.generation)); // once only
    CHECK(run.breaches("commits_come_from_members") == 1);
}

TEST_CASE("partitions_have_one_owner: at the coordinator") {
    Settled run;
    run.look();
    CHECK(run.breaches("partitions_have_one_owner") == 0);
    for (ClassicMember& member : run.group().classic.members)
        member.assignment = {PartitionIndex{0}, PartitionIndex{1}};
    run.look();
    CHECK(run.breaches("partitions_have_one_owner") == 1);
    Settled consumer("consumer");
    consumer.group().consumer.members[0].revoking = consumer.group().consumer.members[1].assigned;
    consumer.look();
    CHECK(consumer.breaches("partitions_have_one_owner") == 1);
}

TEST_CASE("partitions_have_one_owner: among members that the coordinator knows") {
    for (const char* protocol : {"classic", "consumer"}) {
        Settled run(protocol);
        const PartitionIndex of_first = run.world.readers[0].positions.front().partition;
        run.tell(fact::PartitionAssigned{ConsumerIndex{0}, of_first, run.generation}); // its own
        CHECK(run.breaches("partitions_have_one_owner") == 0);
        run.tell(fact::PartitionAssigned{ConsumerIndex{1}, of_first, run.generation});
        CHECK(run.breaches("partitions_have_one_owner") == 1);
        Settled expelled(protocol); // a member that is out and does not know it yet may believe anything
        expelled.world.readers[0].member.member = MemberId{12345};
        expelled.tell(fact::PartitionAssigned{ConsumerIndex{1}, of_first, expelled.generation});
        CHECK(expelled.breaches("partitions_have_one_owner") == 0);
    }
}

TEST_CASE("assignments_are_complete: each partition has exactly one place") {
    Settled run;
    run.group().classic.members[0].assignment.clear();
    run.look();
    CHECK(run.breaches("assignments_are_complete") == 1);
    Settled consumer("consumer");
    consumer.group().consumer.members[0].target.clear();
    consumer.look();
    CHECK(consumer.breaches("assignments_are_complete") == 1);
    Settled twice("consumer");
    twice.group().consumer.members[0].target = {PartitionIndex{0}, PartitionIndex{1}};
    twice.look();
    CHECK(twice.breaches("assignments_are_complete") == 1);
}

TEST_CASE("group_generations_grow: of groups that are stable") {
    Settled run;
    const auto stable = [&](int number) {
        run.tell(fact::GroupChanged{BrokerSlot{0}, GroupIndex{0}, GroupState::stable, Generation{number}, 2});
    };
    stable(run.generation.value + 1);
    stable(run.generation.value + 1);
    CHECK(run.breaches("group_generations_grow") == 0);
    stable(run.generation.value);
    CHECK(run.breaches("group_generations_grow") == 1);
}

TEST_CASE("stable_groups_are_settled: members are at their targets") {
    Settled run("consumer");
    ConsumerMember& member = run.group().consumer.members[0];
    member.state = ConsumerMemberState::unreleased_partitions;
    run.look();
    CHECK(run.breaches("stable_groups_are_settled") == 1);
    Settled beyond("consumer");
    beyond.group().consumer.state = GroupState::reconciling;
    std::vector<ConsumerMember>& members = beyond.group().consumer.members;
    members[0].target.swap(members[1].target);
    members[0].assigned.clear();
    beyond.look();
    CHECK(beyond.breaches("stable_groups_are_settled") == 1);
    Settled headless;
    headless.group().classic.leader = MemberId{12345};
    headless.look();
    CHECK(headless.breaches("stable_groups_are_settled") == 1);
}

TEST_CASE("committed_offsets_are_kept: the next coordinator knows the latest commit") {
    Settled run;
    const fact::CoordinatorLoaded loaded{BrokerSlot{0}, run.offsets(), Epoch{1}, Offset{100}};
    run.tell(loaded);
    CHECK(run.breaches("committed_offsets_are_kept") == 0);
    REQUIRE(!run.group().offsets.empty());
    run.group().offsets.clear();
    run.tell(loaded);
    CHECK(run.breaches("committed_offsets_are_kept") > 0);
}
