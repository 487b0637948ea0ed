#pragma once
// After the faults: the cluster is healed, and judged by what does not come back.

#include "models/cluster/world.hpp"

#include <vector>

namespace kafka {

/// What must hold some time after healing. Source: Vanlightly's Kafka TLA+ models (ValuesEventuallyAcked,
/// EventuallyUnfenced, AlterPartitionSettles), kafkatest's replica and consumer tests; reference B3.
enum class HealProperty : std::uint8_t {
    quorum_has_a_leader,
    every_broker_is_unfenced,
    metadata_converges, // a broker knows what is decided about its partitions
    every_partition_has_a_leader,
    every_replica_is_in_sync, // of those on brokers that are not away
    isr_changes_settle,
    every_send_is_decided,
    members_have_their_assignment,
    consumers_catch_up,
    writes_are_accepted, // enough replicas for min.insync.replicas
    reassignments_complete,
};
inline constexpr const char* heal_property_words[] = {
    "quorum_has_a_leader",          "every_broker_is_unfenced",      "metadata_converges",
    "every_partition_has_a_leader", "every_replica_is_in_sync",      "isr_changes_settle",
    "every_send_is_decided",        "members_have_their_assignment", "consumers_catch_up",
    "writes_are_accepted",          "reassignments_complete"};
constexpr const char* word_of(HealProperty property) {
    return heal_property_words[static_cast<std::size_t>(property)];
}

/// What an administrator could do about something that the configuration demands to stay as it is.
enum class HealAction : std::uint8_t {
    none,
    start_brokers,
    elect_uncleanly,
    add_replicas_or_lower_min_isr,
    raise_throttle_or_cancel,
};

/// Something that does not hold (yet). Shape: with an action it is by design, else a matter of time, or
/// stuck.
struct OpenEnd {
    HealProperty property{};
    std::int32_t index = 0; // of the broker, partition, producer or consumer; 0 = the quorum
    HealAction action = HealAction::none;
    BrokerSet brokers; // start_brokers: which
};

/// Brokers that "heal" leaves as they are.
BrokerSet away(const Configuration& configuration);
/// Brokers that are no part of the cluster: never started, or unregistered.
BrokerSet outside(const World& world);
/// How long healing may take: what clients and brokers of this configuration wait for, one after the other.
sim::Duration heal_bound(const Configuration& configuration);

/// Undoes every fault: links are as they were at the start, whoever stands still goes on, whoever is down
/// starts, clocks are right, permissions are given back. Faults that have not come yet never come.
/// Leaves out: what faults have changed for good: settings, partitions, wiped disks.
void begin_heal(World& world);
/// Everything that does not hold now.
std::vector<OpenEnd> open_ends(const World& world);
/// Whether nothing is open but what is so by design.
bool is_healed(const World& world);

} // namespace kafka
