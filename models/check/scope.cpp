#include "models/check/scope.hpp"

#include <algorithm>

namespace kafka {

ServedLog served_log(const World& world, PartitionIndex partition) {
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Replica* replica = replica_of(world, leader, partition);
    const bool leads = leader != no_slot && is_running(world, leader) && replica != nullptr &&
                       std::holds_alternative<Leader>(replica->role);
    if (!leads) return {};
    return {log_of(world, leader, partition), replica};
}

bool reads(const Configuration& configuration, GroupIndex group, PartitionIndex partition) {
    const TopicIndex topic = configuration.partition(partition).topic;
    return std::any_of(configuration.consumers.begin(), configuration.consumers.end(),
                       [&](const ConsumerConfiguration& one) {
                           return one.group == group &&
                                  std::find(one.topics.begin(), one.topics.end(), topic) != one.topics.end();
                       });
}

} // namespace kafka
