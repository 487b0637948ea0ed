#pragma once
// The control plane as the rest of the cluster sees it: KRaft or ZooKeeper, one place for each question and
// order.

#include "models/cluster/world.hpp"

#include <vector>

namespace kafka {

/// The active controller's process; empty while there is none. A quorum of one always has its only voter.
std::vector<sim::ProcessId> active_controller(const World& world);
/// Whether an administrator's request is served now.
bool controller_answers(const World& world);

/// Tells observers of metadata that has been committed since; after each step.
void announce_metadata(World& world);

// --- what is decided; decided_state stands in world.hpp ---

const TopicSettings& decided_topic(const World& world, TopicIndex topic);
struct DecidedRegistration {
    std::uint64_t incarnation = 0;
    BrokerEpoch epoch;
    bool operator==(const DecidedRegistration&) const = default;
};
DecidedRegistration decided_registration(const World& world, BrokerSlot broker);

// --- an administrator's orders; they do nothing unless `controller_answers` ---

/// kafka-leader-election: UNCLEAN or PREFERRED.
void order_election(World& world, PartitionIndex partition, bool unclean);
/// kafka-configs --alter of a topic: the complete settings after the change.
void order_topic_settings(World& world, TopicIndex topic, const TopicSettings& settings);
/// kafka-configs --alter of a broker: it runs with the settings of fault `fault` from now on.
void order_broker_settings(World& world, BrokerSlot broker, std::int32_t fault);
/// kafka-topics --alter --partitions: the topic's number of partitions from now on.
void order_partitions(World& world, TopicIndex topic, std::int32_t partitions);
/// kafka-reassign-partitions: towards the targets of a "reassign" fault, or with nothing in them --cancel;
/// the partitions for which it is refused. The throttle of fault `fault` is set by --execute and removed by
/// --verify.
std::vector<PartitionIndex> order_reassignment(World& world, const Fault& fault);
/// Whether it is under way, or was asked for and nobody has begun with it.
bool is_being_reassigned(const World& world, PartitionIndex partition);
void order_throttle(World& world, std::int32_t fault, bool removed);
/// kafka-topics --delete; false when delete.topic.enable forbids it.
bool order_topic_deletion(World& world, TopicIndex topic);
/// kafka-cluster unregister; false when the broker is not registered. ZooKeeper has no such order: a broker's
/// registration goes with its session.
bool order_unregistration(World& world, BrokerSlot broker);
/// kafka-features upgrade, as fault `fault` asks; false when somebody does not know these features. Under
/// ZooKeeper it is a roll that sets inter.broker.protocol.version: see operations.cpp.
bool order_features(World& world, std::int32_t fault, bool all_know_them);
/// kafka-acls: whether a producer's principal may write.
void order_access(World& world, ProducerIndex producer, bool denied);

} // namespace kafka
