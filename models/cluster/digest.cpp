#include "models/cluster/world.hpp"
#include "sim/core/content_hash.hpp"

namespace sim {

/// Where a pending event lies is the queue's own business; the event itself is hashed with the queue.
void add_content(ContentHash&, EventHandle) {}

} // namespace sim

namespace kafka {

/// The hash over the batches stands for them, so that the cost does not follow the length of the log.
void add_content(sim::ContentHash& hash, const Log& log) {
    hash.add(log.batches.size());
    hash.add(log.batches.empty() ? 0 : log.batches.back().prefix_hash);
    hash.add(log.epochs);
    hash.add(log.log_start_offset);
    hash.add(log.log_end_offset);
    hash.add(log.flushed_offset);
    hash.add(log.high_watermark_checkpoint);
    hash.add(log.bytes);
    if (log.cleaning != Cleaning{}) hash.add(log.cleaning);
}

/// Facts are for observers; the rest decides what happens next.
void add_content(sim::ContentHash& hash, const Kernel& kernel) {
    hash.add(kernel.now);
    hash.add(kernel.queue);
    hash.add(kernel.network);
    hash.add(kernel.choices);
    hash.add(kernel.slabs);
    hash.add(kernel.contents);
    hash.add(kernel.strains);
    hash.add(kernel.store);
}

void add_content(sim::ContentHash& hash, const std::shared_ptr<const Configuration>& configuration) {
    hash.add(*configuration);
}

sim::Digest digest(const World& world) {
    sim::ContentHash hash;
    hash.add(world);
    return hash.digest();
}

} // namespace kafka
