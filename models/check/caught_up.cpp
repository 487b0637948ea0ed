// When a replica that has lost data counts as a good copy again.

#include "models/check/invariants.hpp"

#include "models/check/prefix.hpp"

namespace kafka {

namespace {

/// From now on the replica is like any other, unless it has written and its log is not the leader's.
template <class Truth>
void forgive(Truth& truth, BrokerSlot slot, PartitionIndex partition, const World& world) {
    const Log& log = *log_of(world, slot, partition);
    if (truth.forked.has(slot) && !agrees_with_leader(log, partition, world)) return;
    truth.lossy.remove(slot);
    truth.forked.remove(slot);
}

} // namespace

/// A replica that lost data has caught up once it has fetched all that there was, with one exception.
/// 1. A leader loses its power and its tail; its followers have both. 2. It is back before its session ends
/// and leads on in the epoch that it had, without being registered (see on_leader). Clients are not let in,
/// but its coordinators write by their own timers: a session that ends, offsets that expire. 3. Another
/// leader is elected. The two have different records at the same offsets of the same epoch, and a follower
/// compares epochs: nothing is cut off. Source: BrokerMetadataPublisher.onMetadataUpdate (roles and
/// coordinators before BrokerServer waits for initialCatchUpFuture), CoordinatorPartitionWriter.
void Invariants::on_append(const fact::BatchAppended& fact, const World& world) {
    Truth& truth = truths_[static_cast<std::size_t>(fact.partition.value)];
    if (!truth.lossy.has(fact.broker)) return;
    if (fact.as_leader) return truth.forked.add(fact.broker);
    const Offset end = next(fact.base_offset, fact.count);
    if (end < std::max(truth.high_watermark, truth.lossy_end)) return;
    forgive(truth, fact.broker, fact.partition, world);
}

/// A replica that joins the ISR with everything committed is like any other, whatever it has lost before.
void Invariants::forgive_caught_up(PartitionIndex partition, BrokerSet joining, const World& world) {
    Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
    const BrokerSet lossy = truth.lossy & joining;
    for (BrokerSlot slot = lossy.first(); slot != no_slot; slot = lossy.after(slot)) {
        const Log& log = *log_of(world, slot, partition);
        const bool holds =
            log.log_end_offset >= truth.high_watermark && agrees(log, truth.high_watermark, truth.prefix);
        if (holds) forgive(truth, slot, partition, world);
    }
}

} // namespace kafka
