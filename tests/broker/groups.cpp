// The group coordinator in its broker: through the log, and over to the next leader.

#include "models/broker/parts.hpp"
#include "models/cluster/world.hpp"
#include "models/group/steps.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

struct GroupCluster {
    std::shared_ptr<const Configuration> configuration;
    World world;
    std::vector<fact::OffsetCommitted> committed;
    std::vector<fact::GroupChanged> changed;

    static std::shared_ptr<const Configuration> configuration_of(const std::string& extra) {
        const SettingTables tables;
        const std::string text =
            R"({"topics":[{"name":"t"}],"producers":[{"name":"p","records":{"count":10,"rate":10}}],
                "consumers":[{"name":"c"},{"name":"d","group":"billing","start":"1h"}],"until":"60s")" +
            extra + "}";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return result.scenario->configuration;
    }
    explicit GroupCluster(const std::string& extra = "")
        : configuration(configuration_of(extra)), world(make_world(configuration, 1)) {}

    PartitionIndex partition() const { return configuration->group(GroupIndex{0}).partition; }
    BrokerSlot leader_slot() const { return decided_state(world, partition()).leader; }
    Broker& broker(BrokerSlot slot) { return world.brokers[static_cast<std::size_t>(slot.value)]; }
    Broker& leader() { return broker(leader_slot()); }
    void look() {
        for (const Fact& noted : world.kernel.facts) {
            if (const auto* one = std::get_if<fact::OffsetCommitted>(&noted)) committed.push_back(*one);
            if (const auto* one = std::get_if<fact::GroupChanged>(&noted)) changed.push_back(*one);
        }
    }
    void run_until(std::int64_t seconds) {
        while (world.kernel.now < sim::SimTime{seconds * 1000000} && step(world))
            look();
    }
    /// A request whose answer nobody waits for.
    template <class Request> void ask(Broker& of, const Request& request) {
        Turn turn(world.kernel, *configuration, Addresses::broker(of.slot));
        CHECK(parts::handle_group_request(of, sim::no_connection, request, turn));
        look();
        world.kernel.facts.clear();
    }
    void commit(Broker& of, std::int64_t offset) {
        OffsetCommitRequest request;
        request.group = GroupIndex{0};
        request.consumer = ConsumerIndex{0};
        request.content = world.kernel.slabs.offsets.acquire();
        world.kernel.slabs.offsets.open(request.content)
            .entries.push_back({PartitionIndex{0}, Offset{offset}, no_epoch});
        ask(of, request);
    }
    const Group* group(BrokerSlot slot) {
        return find_group(broker(slot).memory.coordination.groups, GroupIndex{0});
    }
    std::vector<CommittedOffset> offsets(BrokerSlot slot) {
        const Group* known = group(slot);
        return known == nullptr ? std::vector<CommittedOffset>{} : known->offsets;
    }
};

} // namespace

TEST_CASE("FindCoordinator: every broker names the leader of the group's partition, also after a failover") {
    GroupCluster cluster(R"(,"faults":[{"at":"3s","do":"crash","target":"coordinator of billing"}])");
    cluster.run_until(2);
    const FindCoordinatorRequest request{1, CoordinatorKind::group, 0};
    const BrokerSlot old = cluster.leader_slot();
    for (const Broker& broker : cluster.world.brokers)
        CHECK(parts::known_coordinator(broker, request, *cluster.configuration) == old);
    cluster.run_until(30);
    const BrokerSlot fresh = cluster.leader_slot();
    CHECK(fresh != old);
    for (const Broker& broker : cluster.world.brokers)
        if (broker.slot != old)
            CHECK(parts::known_coordinator(broker, request, *cluster.configuration) == fresh);
    Broker& alone = cluster.leader();
    alone.memory.image.brokers[static_cast<std::size_t>(fresh.value)].fenced = true;
    CHECK(parts::known_coordinator(alone, request, *cluster.configuration) == no_slot);
}

TEST_CASE("offset commit: is in the log of every replica when it counts, and the next coordinator has it") {
    GroupCluster cluster(R"(,"faults":[{"at":"8s","do":"crash","target":"coordinator of billing"}])");
    cluster.run_until(2);
    const BrokerSlot old = cluster.leader_slot();
    cluster.commit(cluster.leader(), 7);
    CHECK(cluster.committed.empty());
    cluster.run_until(4);
    REQUIRE(cluster.committed.size() == 1);
    CHECK(cluster.committed[0].error == ErrorCode::none);
    CHECK(cluster.committed[0].in_sync.size() == 3);
    REQUIRE(cluster.offsets(old).size() == 1);
    CHECK(cluster.offsets(old)[0].offset == Offset{7});
    cluster.run_until(40);
    const BrokerSlot fresh = cluster.leader_slot();
    CHECK(fresh != old);
    REQUIRE(cluster.offsets(fresh).size() == 1);
    CHECK(cluster.offsets(fresh)[0].offset == Offset{7});
}

TEST_CASE("offset commit: a cut-off coordinator tells of a time-out, and its commit is gone with its log") {
    GroupCluster cluster(
        R"(,"faults":[{"at":"2s","do":"cut","target":"coordinator of billing","for":"25s"}])");
    cluster.run_until(3);
    const BrokerSlot old = cluster.leader_slot();
    cluster.commit(cluster.leader(), 7);
    cluster.run_until(50);
    REQUIRE(cluster.committed.size() == 1);
    CHECK(cluster.committed[0].error == ErrorCode::coordinator_not_available);
    CHECK(cluster.leader_slot() != old);
    CHECK(cluster.offsets(cluster.leader_slot()).empty());
    CHECK(cluster.group(old) == nullptr); // resigned
}

TEST_CASE("group: a member joins through the broker, and its session ends there by timer") {
    GroupCluster cluster;
    cluster.run_until(1);
    JoinGroupRequest request;
    request.group = GroupIndex{0};
    request.consumer = ConsumerIndex{0};
    request.instance = InstanceIndex{0}; // static: no second round
    request.session_timeout = sim::seconds(10);
    request.rebalance_timeout = sim::seconds(20);
    request.content = cluster.world.kernel.slabs.join_group.acquire();
    cluster.world.kernel.slabs.join_group.open(request.content).protocols = {AssignorKind::range};
    cluster.ask(cluster.leader(), request);
    REQUIRE(cluster.changed.size() == 1);
    CHECK(cluster.changed[0].state == GroupState::preparing_rebalance);
    CHECK(cluster.world.kernel.slabs.join_group.live() == 0);
    const World fork = cluster.world;
    CHECK(digest(fork) == digest(cluster.world));
    cluster.run_until(59);
    // Nobody waits for its JoinGroup, so that no generation can begin until the session of a new member ends.
    CHECK(cluster.changed.back().state == GroupState::preparing_rebalance);
    CHECK(cluster.group(cluster.leader_slot())->classic.members.size() == 1);
}
