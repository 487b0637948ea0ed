#include "models/client/application/consuming.hpp"

#include <algorithm>

namespace kafka {

bool commits_batch(const Consuming& thread, const ConsumerApplication& application, CommitStyle when) {
    const bool by_batch = application.commit == when && !application.commit_each_record;
    return by_batch && thread.batches % application.commit_every == 0;
}

void advance_progress(Consuming& thread, PartitionIndex partition, Offset next_offset, Epoch leader_epoch) {
    for (OffsetContent::Entry& entry : thread.progress) {
        if (entry.partition != partition) continue;
        entry.offset = next_offset;
        entry.leader_epoch = leader_epoch;
        return;
    }
    thread.progress.push_back({partition, next_offset, leader_epoch});
}

std::vector<OffsetContent::Entry> offsets_to_commit(const Consuming& thread, CommittedOffsets what) {
    std::vector<OffsetContent::Entry> offsets = thread.progress;
    if (what != CommittedOffsets::last_processed) return offsets;
    for (OffsetContent::Entry& entry : offsets)
        entry.offset = Offset{std::max<std::int64_t>(0, entry.offset.value - 1)};
    return offsets;
}

sim::Duration processing_time(const Consuming& thread, const ConsumerApplication& application,
                              sim::Duration drawn) {
    const sim::Duration usual = application.process_time_varies ? drawn : application.process_time.p50;
    const bool spikes = application.spike_every > 0 && (thread.records + 1) % application.spike_every == 0;
    return spikes ? usual + application.spike : usual;
}

bool is_inside_poll(ConsumingStage stage) {
    return stage == ConsumingStage::polling || stage == ConsumingStage::preparing_auto_commit ||
           stage == ConsumingStage::preparing_listener || stage == ConsumingStage::preparing_flush;
}

} // namespace kafka
