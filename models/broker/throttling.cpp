#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// The "reassign" faults whose throttle is in force.
template <class Wanted> bool any_throttle(const Broker& broker, const Turn& turn, const Wanted& wanted) {
    const std::vector<std::int32_t>& all = broker.memory.image.throttles;
    return std::any_of(all.begin(), all.end(), [&](std::int32_t fault) {
        return wanted(turn.configuration.faults[static_cast<std::size_t>(fault)]);
    });
}

bool is_exceeded(const Broker& broker, const ReplicationQuota& quota, const Turn& turn) {
    // The brokers' rate is one setting: the latest throttle has written it.
    const std::int32_t latest = broker.memory.image.throttles.back();
    return kafka::is_exceeded(quota, turn.configuration.faults[static_cast<std::size_t>(latest)].throttle,
                              turn.now);
}

} // namespace

/// Every replica that a reassignment may copy from stands in leader.replication.throttled.replicas, so that
/// the throttle holds for any follower of the partition that is out of sync, also for one that was a replica
/// before.
/// Source: ReassignPartitionsCommand.calculateLeaderThrottles.
bool is_throttled_as_leader(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    return any_throttle(broker, turn, [&](const Fault& fault) {
        return std::any_of(fault.reassigned.begin(), fault.reassigned.end(),
                           [&](const auto& one) { return one.first == partition; });
    });
}

/// The new replicas alone stand in follower.replication.throttled.replicas.
/// Source: ReassignPartitionsCommand.calculateFollowerThrottles.
bool is_throttled_as_follower(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    const PartitionConfiguration& configured = turn.configuration.partition(partition);
    if (configured.assignment.set().has(broker.slot)) return false;
    return any_throttle(broker, turn, [&](const Fault& fault) {
        return std::any_of(fault.reassigned.begin(), fault.reassigned.end(), [&](const auto& one) {
            return one.first == partition && one.second.set().has(broker.slot);
        });
    });
}

bool leader_quota_is_exceeded(const Broker& broker, const Turn& turn) {
    return is_exceeded(broker, broker.memory.leader_quota, turn);
}

bool follower_quota_is_exceeded(const Broker& broker, const Turn& turn) {
    return is_exceeded(broker, broker.memory.follower_quota, turn);
}

} // namespace kafka::parts
