#include "models/check/stored_state.hpp"

#include <algorithm>

namespace kafka {

StoredState::StoredState(const Configuration& configuration)
    : groups(configuration.groups.size()), configuration_(configuration),
      partitions_(configuration.groups.size() * configuration.partitions.size()),
      stores_(configuration.groups.size(), StateStore::none) {
    for (const ConsumerConfiguration& consumer : configuration.consumers) {
        if (consumer.group == no_group || consumer.application.state == StateStore::none) continue;
        groups[static_cast<std::size_t>(consumer.group.value)].kept = true;
        stores_[static_cast<std::size_t>(consumer.group.value)] = consumer.application.state;
    }
}

void StoredState::on(const Fact& fact) {
    const auto* written = std::get_if<fact::StateWritten>(&fact);
    if (written == nullptr) return;
    const auto group = static_cast<std::size_t>(configuration_.consumer(written->consumer).group.value);
    const std::int64_t count = distance(written->from, written->to);
    if (written->refused) {
        groups[group].refused += count;
        return;
    }
    Partition& partition = partitions_[group * configuration_.partitions.size() +
                                       static_cast<std::size_t>(written->partition.value)];
    groups[group].applied += count;
    groups[group].distinct += count - partition.applied.add(written->from.value, written->to.value);
    partition.end = std::max(partition.end, written->to);
}

void StoredState::at_end(const World& world, const Failures& failures) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (!groups[g].kept) continue;
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
            const GroupIndex group{static_cast<std::int32_t>(g)};
            const PartitionIndex partition{static_cast<std::int32_t>(p)};
            const Partition& state = partitions_[g * configuration_.partitions.size() + p];
            const Offset next_one =
                stores_[g] == StateStore::together ? state.end : committed_offset(world, group, partition);
            const Log* log = log_of(world, decided_state(world, partition).leader, partition);
            if (next_one == no_offset || log == nullptr) continue;
            for (std::size_t b = 0; b < log->batches.size(); ++b) {
                const Batch& batch = log->batches[b];
                const std::int64_t end = std::min(end_offset(batch).value, next_one.value);
                if (!has_records(batch) || batch.base_offset.value >= end) continue;
                Ranges whole;
                whole.add(batch.base_offset.value, end);
                groups[g].missing +=
                    whole.minus(state.applied).minus(failures.settled(group, partition)).count();
            }
        }
    }
}

} // namespace kafka
