// Internal topics: appends by a coordinator, loading after a failover, truncation of coordinator records.

#include "models/broker/parts.hpp"
#include "models/cluster/world.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

std::shared_ptr<const Configuration> configuration_of(const std::string& extra = "") {
    const SettingTables tables;
    const std::string text =
        R"({"topics":[{"name":"t"}],"producers":[{"name":"p","records":{"count":10,"rate":10}}],
            "consumers":[{"name":"c","group":"billing","start":"1h"}],"until":"60s")" +
        extra + "}";
    ReadResult result = read_scenario(text, "x", {}, tables);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return result.scenario->configuration;
}

/// A cluster with a group; the test plays the part of its coordinator.
struct Cluster {
    std::shared_ptr<const Configuration> configuration;
    World world;
    std::vector<fact::CoordinatorAppended> appended;
    std::vector<fact::CoordinatorLoaded> loaded;
    std::vector<fact::CoordinatorResigned> resigned;

    explicit Cluster(const std::string& extra = "")
        : configuration(configuration_of(extra)), world(make_world(configuration, 1)) {
        look();
    }
    PartitionIndex partition() const { return configuration->group(GroupIndex{0}).partition; }
    Broker& leader() { return world.brokers[static_cast<std::size_t>(leader_slot().value)]; }
    BrokerSlot leader_slot() const { return decided_state(world, partition()).leader; }
    void look() {
        for (const Fact& noted : world.kernel.facts) {
            if (const auto* one = std::get_if<fact::CoordinatorAppended>(&noted)) appended.push_back(*one);
            if (const auto* one = std::get_if<fact::CoordinatorLoaded>(&noted)) loaded.push_back(*one);
            if (const auto* one = std::get_if<fact::CoordinatorResigned>(&noted)) resigned.push_back(*one);
        }
    }
    void run_until(std::int64_t seconds) {
        while (world.kernel.now < sim::SimTime{seconds * 1000000} && step(world))
            look();
    }
    void append(Broker& broker, std::int64_t offset, Acks required = Acks::all) {
        Turn turn(world.kernel, *configuration, Addresses::broker(broker.slot));
        AppendOrder order;
        order.partition = partition();
        order.records.push_back(
            OffsetCommitRecord{GroupIndex{0}, PartitionIndex{0}, Offset{offset}, no_epoch, turn.now, false});
        order.token = {CoordinatorKind::group, 0, static_cast<std::uint32_t>(offset)};
        order.timeout = sim::seconds(5);
        order.required = required;
        parts::append_internal(broker, order, turn);
    }
};

} // namespace

TEST_CASE("internal topics: a group brings the partition that its name hashes to, replicated as Kafka does") {
    const auto configuration = configuration_of();
    const TopicConfiguration& topic = configuration->topics.back();
    CHECK(topic.name == "__consumer_offsets");
    CHECK(topic.purpose == TopicPurpose::consumer_offsets);
    CHECK(topic.kafka_partitions == 50);
    CHECK(topic.replication_factor == 3);
    const PartitionConfiguration& partition = configuration->partitions.back();
    CHECK(partition.name == "__consumer_offsets-9"); // "billing".hashCode() = -109829509, as Java gives it
    CHECK(configuration->is_internal(PartitionIndex{1}));
    CHECK(!configuration->is_internal(PartitionIndex{0}));
    CHECK(configuration->stream(partition.internal_stream).producer == no_producer);
}

TEST_CASE("internal append: answered once the high watermark has passed it, on every replica by then") {
    Cluster cluster;
    cluster.run_until(2);
    cluster.append(cluster.leader(), 7);
    CHECK(cluster.appended.empty());
    cluster.run_until(3);
    REQUIRE(cluster.appended.size() == 1);
    CHECK(cluster.appended[0].error == ErrorCode::none);
    CHECK(cluster.appended[0].base_offset == Offset{0});
    for (int slot = 0; slot < 3; ++slot)
        CHECK(log_of(cluster.world, BrokerSlot{slot}, cluster.partition())->log_end_offset == Offset{1});
}

TEST_CASE("internal append: refused by who does not lead, and with too few in sync") {
    Cluster cluster(R"(,"config":{"min.insync.replicas":2})");
    cluster.run_until(1);
    Broker& follower = cluster.world.brokers[cluster.leader_slot().value == 0 ? 1 : 0];
    cluster.append(follower, 1);
    Broker& leader = cluster.leader();
    REQUIRE(follower.memory.coordination.results.size() == 1);
    CHECK(follower.memory.coordination.results[0].error == ErrorCode::not_leader_or_follower);
    CHECK(parts::answer_of_append(ErrorCode::not_leader_or_follower) == ErrorCode::not_coordinator);
    CHECK(parts::answer_of_append(ErrorCode::request_timed_out) == ErrorCode::coordinator_not_available);
    CHECK(parts::coordinator_state(follower, cluster.partition()) == ErrorCode::not_coordinator);
    CHECK(parts::coordinator_state(leader, cluster.partition()) == ErrorCode::none);
    const int position = position_of(leader, cluster.partition());
    std::get<Leader>(parts::replica_at(leader, position).role).isr = only(leader.slot);
    cluster.append(leader, 2);
    REQUIRE(leader.memory.coordination.results.size() == 1);
    CHECK(leader.memory.coordination.results[0].error == ErrorCode::not_enough_replicas);
    cluster.append(leader, 3, Acks::leader); // CoordinatorRuntime appends all the same
    CHECK(parts::log_at(leader, position).log_end_offset == Offset{1});
}

TEST_CASE("failover: the new coordinator loads what the old one committed, and takes time for it") {
    Cluster cluster(R"(,"faults":[{"at":"3s","do":"crash","target":"coordinator of billing"}])");
    cluster.run_until(2);
    CHECK(cluster.loaded.size() == 1); // at time 0, empty
    const BrokerSlot old = cluster.leader_slot();
    cluster.append(cluster.leader(), 7);
    cluster.run_until(30);
    CHECK(cluster.leader_slot() != old);
    REQUIRE(cluster.loaded.size() == 2);
    CHECK(cluster.loaded[1].broker == cluster.leader_slot());
    CHECK(cluster.loaded[1].log_end_offset == Offset{1});
    Turn turn(cluster.world.kernel, *cluster.configuration, Addresses::broker(cluster.leader_slot()));
    const Batch& batch = log_of(cluster.world, cluster.leader_slot(), cluster.partition())->batches[0];
    const auto& record = std::get<OffsetCommitRecord>(turn.content(batch.stream, batch.value_first));
    CHECK(record.offset == Offset{7});
}

TEST_CASE("failover: records of a cut-off coordinator are truncated, and its waiting append is refused") {
    Cluster cluster(R"(,"faults":[{"at":"2s","do":"cut","target":"coordinator of billing","for":"25s"}])");
    cluster.run_until(3);
    const BrokerSlot old = cluster.leader_slot();
    cluster.append(cluster.leader(), 7);
    World fork = cluster.world;
    CHECK(fork == cluster.world); // contents fork with the world
    cluster.run_until(50);
    CHECK(cluster.leader_slot() != old);
    REQUIRE(cluster.appended.size() == 1);
    CHECK(cluster.appended[0].error == ErrorCode::request_timed_out); // after offsets.commit.timeout.ms
    REQUIRE(cluster.resigned.size() == 1);
    CHECK(cluster.resigned[0].broker == old);
    CHECK(log_of(cluster.world, old, cluster.partition())->log_end_offset == Offset{0});
}

TEST_CASE("control batch: 78 bytes, one record, no stream; the flag changes the log's hash") {
    const Batch marker = marker_batch(ControlType::abort, ProducerId{5}, 2, Epoch{3});
    CHECK(marker.bytes == 78);
    CHECK(is_control(marker));
    CHECK(marker.stream == no_stream);
    Log one;
    Log two;
    const Batch first = append_as_leader(one, marker, Epoch{0});
    const Batch second =
        append_as_leader(two, marker_batch(ControlType::commit, ProducerId{5}, 2, Epoch{3}), Epoch{0});
    CHECK(first.prefix_hash != second.prefix_hash);
}
