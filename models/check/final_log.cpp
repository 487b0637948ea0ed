// What the final leader serves of each record, and what is lost.

#include "models/check/ledger.hpp"
#include "models/check/scope.hpp"
#include "models/check/visibility.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// Records of a stream that the leader holds above a high watermark that stands still, since its ISR is
/// smaller than min.insync.replicas: nobody can read them before a replica is back, and none is lost.
/// Source: Partition.maybeIncrementLeaderHW (KAFKA-15583, 3.7).
Ranges withheld(const World& world, PartitionIndex partition, StreamIndex stream, std::size_t from) {
    Ranges all;
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Broker& broker = world.brokers[static_cast<std::size_t>(leader.value)];
    const bool small = can_write(world, partition, Acks::leader) && !can_write(world, partition, Acks::all);
    if (!small || !dialect_of(broker, *world.configuration).high_watermark_waits_for_min_isr) return all;
    const Log& log = *log_of(world, leader, partition);
    for (std::size_t i = from; i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        if (batch.stream != stream || !has_records(batch)) continue;
        all.add(batch.value_first.value, batch.value_first.value + batch.count);
    }
    return all;
}

} // namespace

void Ledger::read_final_log(const World& world, PartitionIndex partition) {
    PartitionSummary& summary = partitions[static_cast<std::size_t>(partition.value)];
    const PartitionState& state = decided_state(world, partition);
    const ServedLog serving = served_log(world, partition);
    summary.has_leader = serving.log != nullptr;
    std::vector<Ranges> present(streams.size());
    std::vector<Ranges> aborted(streams.size()); // in the log, and nobody's copy
    std::vector<std::int64_t> greatest(streams.size(), -1);
    std::size_t served = 0; // batches below the high watermark
    if (summary.has_leader) {
        const Log& log = *serving.log;
        summary.high_watermark = serving.replica->high_watermark;
        summary.log_end_offset = log.log_end_offset;
        summary.log_start_offset = log.log_start_offset;
        const std::vector<BatchFate> fates = fates_of(log, serving.replica->high_watermark);
        served = fates.size();
        for (std::size_t i = 0; i < fates.size(); ++i) {
            const Batch batch = served_part(log.batches[i], log.log_start_offset);
            if (fates[i] == BatchFate::control || batch.count == 0) continue;
            const auto at = static_cast<std::size_t>(batch.stream.value);
            const std::int64_t first = batch.value_first.value;
            if (fates[i] == BatchFate::aborted) {
                aborted[at].add(first, first + batch.count);
                continue;
            }
            const std::int64_t again = present[at].add(first, first + batch.count);
            if (producer_of(batch.stream) == no_producer) continue; // coordinators' own
            streams[at].duplicated += again;
            applications.on_served(batch);
            // First copies that stand after a later-sent record.
            if (first + batch.count - 1 < greatest[at]) streams[at].reordered += batch.count - again;
            greatest[at] = std::max(greatest[at], first + batch.count - 1);
        }
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (configuration_.streams[i].partition != partition) continue;
        if (state.deleted) {
            streams[i].deleted = streams[i].acknowledged;
            continue;
        }
        const Ranges expired = state_[i].expired.minus(present[i]);
        streams[i].expired = expired.count();
        if (!summary.has_leader) {
            streams[i].unavailable = state_[i].acknowledged.minus(expired).count();
            continue;
        }
        const StreamIndex stream{static_cast<std::int32_t>(i)};
        Ranges absent = state_[i].acknowledged.minus(present[i]).minus(aborted[i]).minus(expired);
        const Compaction::Absent cleaned = compaction.sort(world, partition, stream, absent);
        streams[i].compacted = cleaned.compacted.count();
        absent = absent.minus(cleaned.compacted).minus(cleaned.aborted);
        const Ranges waiting = absent.both(withheld(world, partition, stream, served));
        const Ranges lost = absent.minus(waiting);
        streams[i].unavailable = waiting.count();
        streams[i].lost = lost.count();
        streams[i].written_though_failed = state_[i].failed.both(present[i]).count();
        lost_[i] = lost;
        find_losses(world, partition, stream, lost);
    }
}

namespace {

/// Replicas whose logs hold a record of [first, end).
BrokerSet holders(const World& world, PartitionIndex partition, StreamIndex stream, std::int64_t first,
                  std::int64_t end) {
    BrokerSet set;
    const PartitionConfiguration& configured = world.configuration->partition(partition);
    const BrokerSet all = configured.assignment.set() | configured.later_replicas;
    for (BrokerSlot slot = all.first(); slot != no_slot; slot = all.after(slot)) {
        const Log* log = log_of(world, slot, partition);
        for (std::size_t i = 0; log != nullptr && i < log->batches.size(); ++i) {
            const Batch& batch = log->batches[i];
            if (batch.stream == stream && batch.value_first.value < end &&
                batch.value_first.value + batch.count > first)
                set.add(slot);
        }
    }
    return set;
}

bool same_story(const Loss& a, const Loss& b) {
    return a.stream == b.stream && a.end == b.first && a.evidence.broker == b.evidence.broker &&
           a.evidence.acks == b.evidence.acks && a.evidence.in_sync == b.evidence.in_sync &&
           a.removed == b.removed && a.last_removed == b.last_removed &&
           a.last_removed_from == b.last_removed_from && a.cause == b.cause && a.copies == b.copies;
}

} // namespace

void Ledger::find_losses(const World& world, PartitionIndex partition, StreamIndex stream,
                         const Ranges& lost) {
    const StreamState& state = state_[static_cast<std::size_t>(stream.value)];
    for (const Ranges::Run& run : lost.runs()) {
        std::int64_t from = run.first;
        while (from < run.end) {
            Loss loss;
            loss.partition = partition;
            loss.stream = stream;
            loss.first = from;
            loss.end = run.end;
            // The first acknowledgement that covers `from` bounds this piece; acks=0 leaves none.
            for (const Written& written : state.evidence) {
                if (written.first > from && written.first < loss.end && written.end > from)
                    loss.end = std::min(loss.end, written.first);
                if (written.first > from || written.end <= from) continue;
                loss.evidence = written.evidence;
                loss.end = std::min(loss.end, written.end);
                if (written.evidence.base_offset == no_offset) break;
                loss.first_offset = next(written.evidence.base_offset, loss.first - written.first);
                loss.last_offset = next(written.evidence.base_offset, loss.end - 1 - written.first);
                break;
            }
            if (loss.evidence.time == sim::SimTime{})
                loss.evidence.acks = configuration_.producer(producer_of(stream)).settings.acks;
            loss.ever_written = state.written.count_in(loss.first, loss.end) > 0;
            for (const Removal& removal : removals_) {
                if (removal.stream != stream || removal.first >= loss.end || removal.end <= loss.first)
                    continue;
                loss.removed = true;
                loss.last_removed_from = removal.broker;
                loss.last_removed = removal.time;
                loss.cause = removal.cause;
            }
            loss.copies = holders(world, partition, stream, loss.first, loss.end);
            from = loss.end;
            if (!losses.empty() && same_story(losses.back(), loss)) {
                losses.back().end = loss.end;
                losses.back().last_offset = loss.last_offset;
            } else
                losses.push_back(loss);
        }
    }
}

} // namespace kafka
