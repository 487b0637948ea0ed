#include "models/client/metadata_view.hpp"

namespace kafka {

bool update(MetadataView& view, const MetadataAnswer& answer, sim::SimTime now) {
    bool changed = !view.known;
    if (view.partitions.size() < answer.partitions.size()) view.partitions.resize(answer.partitions.size());
    bool leaderless = false;
    for (const MetadataAnswer::Entry& entry : answer.partitions) {
        MetadataView::PartitionView& mine = view.partitions[static_cast<std::size_t>(entry.partition.value)];
        if (entry.leader_epoch < mine.leader_epoch) continue; // an answer from a broker that lags
        changed = changed || mine.leader != entry.leader || mine.leader_epoch != entry.leader_epoch;
        mine.leader = entry.leader;
        mine.leader_epoch = entry.leader_epoch;
        leaderless = leaderless || entry.leader == no_slot;
    }
    view.alive = answer.alive;
    view.known = true;
    view.requested = leaderless; // LEADER_NOT_AVAILABLE: ask again after the back-off
    view.refreshed = now;
    if (!leaderless) view.attempts = 0;
    return changed;
}

void take_hint(MetadataView& view, PartitionIndex partition, BrokerSlot leader, Epoch leader_epoch) {
    MetadataView::PartitionView& mine = view.partitions[static_cast<std::size_t>(partition.value)];
    if (leader == no_slot || leader_epoch <= mine.leader_epoch) return;
    mine.leader = leader;
    mine.leader_epoch = leader_epoch;
}

} // namespace kafka
