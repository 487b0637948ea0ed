#pragma once
// What an administrator's tools would find in a cluster at one instant.

#include "models/cluster/world.hpp"
#include "models/scenario/scenario.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace highwater {

struct DescribedPartition {
    int number = 0;
    std::optional<int> leader;
    std::vector<int> replicas, isr, elr, last_known_elr; // by id
    int min_isr = 1;
    std::vector<int> adding{}, removing{}; // of a reassignment; both empty = none is under way
};

/// Shape: `topic_id` is empty before 2.8. An internal topic has only the partitions that the scenario uses.
struct DescribedTopic {
    std::string name;
    std::string topic_id;
    bool internal = false;
    int partition_count = 1;
    int replication_factor = 1;
    std::vector<std::pair<std::string, std::string>> configs; // in the order in which Kafka prints them
    std::vector<DescribedPartition> partitions;
};

struct TopicPartition {
    std::string topic;
    int partition = 0;
    auto operator<=>(const TopicPartition&) const = default;
};

struct DescribedMember {
    std::string consumer_id, host, client_id, instance_id;
    std::vector<TopicPartition> assignment; // sorted
    std::vector<TopicPartition> target;     // KIP-848
    std::optional<int> epoch;               // KIP-848
};

/// A row of the table of offsets. Shape: `member` is a position in DescribedGroup::members, -1 for none.
struct DescribedOffset {
    TopicPartition partition;
    std::optional<std::int64_t> current, end;
    std::optional<int> leader_epoch;
    int member = -1;
    std::optional<std::int64_t> lag() const {
        if (!current || !end) return std::nullopt;
        return *end - *current;
    }
};

struct DescribedGroup {
    std::string name;
    bool exists = false;
    bool answered = false; // its coordinator is up and has loaded; else nothing below is known
    int coordinator = -1;  // broker id; -1 = none
    std::string type, state, strategy;
    std::optional<int> epoch, target_epoch; // KIP-848
    std::vector<DescribedMember> members;
    std::vector<DescribedOffset> offsets;
};

struct Description {
    std::string scenario;
    std::string seed;
    kafka::Release release{};
    std::int64_t time_us = 0;
    std::optional<int> answers;         // the broker that answers for the cluster; none is up otherwise
    std::vector<DescribedTopic> topics; // by name
    std::vector<DescribedGroup> groups; // by name
    std::vector<std::string> notes;     // what the tools would have waited for
};

/// Runs the scenario up to `at`: all events of that instant and before have happened.
/// Shape: when the run ends earlier, the world is the one at its end.
kafka::World world_at(const kafka::Scenario& scenario, std::uint64_t seed, sim::SimTime at);

/// Reads the world; nothing is sent, drawn or written. A broker answers with the metadata that it has
/// applied, a coordinator with what it has in memory. Leaves out: that the tools take time, so that what they
/// print was never true at one instant.
Description describe(const kafka::Scenario& scenario, const kafka::World& world, std::uint64_t seed,
                     sim::SimTime at);

/// `highwater.description/1`.
kafka::Json json_of(const Description& description);

/// What a tool writes to its two outputs.
struct Printed {
    std::string out, err;
};
enum class TopicFilter : std::uint8_t { all, under_replicated, unavailable, under_min_isr, at_min_isr };
/// As kafka-topics --describe of the release prints. Source: TopicCommand.
Printed print_topics(const Description& description, TopicFilter filter);
/// As kafka-consumer-groups --describe does, and with --members, --state, --verbose. Source:
/// ConsumerGroupCommand.
Printed print_offsets(const Description& description, bool verbose);
Printed print_members(const Description& description, bool verbose);
Printed print_states(const Description& description, bool verbose);

// --- names that Kafka draws and the simulator has only as numbers ---

/// A version 4 UUID of this member; members sort by it as by their numbers.
std::string uuid_of(std::uint64_t number);
/// Base64 of a UUID as org.apache.kafka.common.Uuid prints it, from a digest of the parts.
std::string base64_id(std::uint64_t seed, const std::string& what);
/// Names in the order in which a java.util.HashMap of 64 buckets gives them. Source: AdminClient's Config.
void sort_as_hash_map(std::vector<std::pair<std::string, std::string>>& entries);

} // namespace highwater
