#pragma once
// What a client believes about leaders, and when it asks again.

#include "models/client/connection.hpp"

#include <vector>

namespace kafka {

/// Source: Metadata, MetadataCache; semantics 6.5.
struct MetadataView {
    struct PartitionView {
        BrokerSlot leader = no_slot;
        Epoch leader_epoch = no_epoch; // no_epoch = the partition is not known to exist
        bool operator==(const PartitionView&) const = default;
    };
    std::vector<PartitionView> partitions; // by partition index, all topics
    BrokerSet alive;                       // brokers of the last answer; empty before the first
    bool known = false;
    bool requested = true;      // an update was asked for
    sim::SimTime refreshed;     // last successful update
    sim::SimTime attempted;     // last request
    std::int32_t attempts = 0;  // since the last success, for the back-off
    BrokerSlot asked = no_slot; // broker of the request in flight
    Correlation correlation = 0;
    sim::SimTime deadline = sim::SimTime::never();
    bool operator==(const MetadataView&) const = default;
};

inline bool is_known(const MetadataView& view, PartitionIndex partition) {
    return view.partitions[static_cast<std::size_t>(partition.value)].leader_epoch != no_epoch;
}
/// How many partitions the topic has, as far as the client knows.
inline std::int32_t known_partitions(const MetadataView& view, const TopicConfiguration& topic) {
    std::int32_t count = 0;
    while (count < topic.partitions && is_known(view, next(topic.partition_first, count)))
        ++count;
    return count;
}

/// Takes an answer; older leader epochs are not believed. Returns whether a leader changed.
bool update(MetadataView& view, const MetadataAnswer& answer, sim::SimTime now);
/// A leader that an error answer named (KIP-951).
void take_hint(MetadataView& view, PartitionIndex partition, BrokerSlot leader, Epoch leader_epoch);

} // namespace kafka
