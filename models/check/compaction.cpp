#include "models/check/compaction.hpp"

#include "models/check/ledger.hpp"
#include "models/check/scope.hpp"
#include "models/check/visibility.hpp"

#include <algorithm>

namespace kafka {

Compaction::Compaction(const Configuration& configuration)
    : partitions(configuration.partitions.size()), tables(configuration.consumers.size()),
      configuration_(configuration) {
    if (!configuration.compacts) return;
    removed_.resize(configuration.streams.size());
    known_.resize(configuration.streams.size());
    acknowledged_.resize(configuration.partitions.size());
    served_.resize(configuration.partitions.size());
    buried_.resize(configuration.partitions.size());
    read_.resize(configuration.partitions.size(), false);
    given_.resize(configuration.consumers.size() * configuration.partitions.size());
}

void Compaction::on(const Fact& fact) {
    if (!configuration_.compacts) return;
    if (const auto* removed = std::get_if<fact::RecordsCompacted>(&fact))
        on_removed(*removed);
    else if (const auto* acked = std::get_if<fact::RecordsAcknowledged>(&fact))
        on_acknowledged(*acked);
    else if (const auto* delivered = std::get_if<fact::Delivered>(&fact))
        on_delivered(*delivered);
}

/// Replicas clean the same records, each for itself: what is known already is not kept again.
void Compaction::on_removed(const fact::RecordsCompacted& fact) {
    const Run run{fact.first.value, fact.first.value + fact.count, fact.base_offset.value, fact.cause};
    std::vector<Run>& runs = removed_[static_cast<std::size_t>(fact.stream.value)];
    if (known_[static_cast<std::size_t>(fact.stream.value)].add(run.first, run.end) < fact.count)
        runs.push_back(run);
    if (fact.cause != fact::CompactionCause::tombstone) return;
    const StreamKeys& keys = keys_of(fact.stream);
    auto& buried = buried_[static_cast<std::size_t>(fact.partition.value)];
    for (std::int64_t value = run.first; value < run.end; ++value) {
        std::int64_t& offset = buried.emplace(key_of(keys, value), -1).first->second;
        offset = std::max(offset, run.offset + value - run.first);
    }
}

/// Of one producer the last value counts, whatever order its answers came in; of several the last answer.
void Compaction::on_acknowledged(const fact::RecordsAcknowledged& fact) {
    const StreamKeys& keys = keys_of(fact.stream);
    if (keys.cycle.empty()) return;
    const PartitionIndex partition = configuration_.stream(fact.stream).partition;
    Table& table = acknowledged_[static_cast<std::size_t>(partition.value)];
    const std::int64_t end = fact.first.value + fact.count;
    for (std::int64_t value = first_of_last_keys(keys, end, fact.count); value < end; ++value) {
        Record& last = table[key_of(keys, value)];
        if (last.stream == fact.stream && last.value > value) continue;
        const bool placed = fact.base_offset != no_offset;
        last = {fact.stream, value, placed ? fact.base_offset.value + value - fact.first.value : -1};
    }
}

void Compaction::on_delivered(const fact::Delivered& fact) {
    if (fact.stream == no_stream) return;
    const StreamKeys& keys = keys_of(fact.stream);
    if (keys.cycle.empty()) return;
    const std::size_t consumer = first_of_readers(configuration_, fact.consumer);
    Table& table =
        given_[consumer * configuration_.partitions.size() + static_cast<std::size_t>(fact.partition.value)];
    const std::int64_t end = fact.first.value + fact.count;
    for (std::int64_t value = first_of_last_keys(keys, end, fact.count); value < end; ++value)
        table[key_of(keys, value)] = {fact.stream, value, fact.base_offset.value + value - fact.first.value};
}

void Compaction::read_final_log(const World& world, PartitionIndex partition) {
    const auto at = static_cast<std::size_t>(partition.value);
    if (read_[at]) return;
    read_[at] = true;
    const ServedLog serving = served_log(world, partition);
    if (serving.log == nullptr) return;
    const std::vector<BatchFate> fates = fates_of(*serving.log, serving.replica->high_watermark);
    for (std::size_t i = 0; i < fates.size(); ++i) {
        const Batch batch = served_part(serving.log->batches[i], serving.log->log_start_offset);
        if (fates[i] == BatchFate::control || fates[i] == BatchFate::aborted || batch.count == 0) continue;
        const StreamKeys& keys = keys_of(batch.stream);
        if (keys.cycle.empty()) continue;
        const std::int64_t end = value_end(batch).value;
        for (std::int64_t value = first_of_last_keys(keys, end, batch.count); value < end; ++value)
            served_[at][key_of(keys, value)] = {batch.stream, value,
                                                batch.base_offset.value + value - batch.value_first.value};
    }
}

const Compaction::Run* Compaction::removal_of(StreamIndex stream, std::int64_t value) const {
    for (const Run& run : removed_[static_cast<std::size_t>(stream.value)])
        if (run.first <= value && value < run.end) return &run;
    return nullptr;
}

/// A newer record of the key was acknowledged (whether that one is lost is its own question), or can be read;
/// or its deletion was there, and nothing older can be read.
bool Compaction::is_rightly_removed(StreamIndex stream, const Run& run, std::int64_t value) const {
    const auto at = static_cast<std::size_t>(configuration_.stream(stream).partition.value);
    const std::int32_t key = key_of(keys_of(stream), value);
    const std::int64_t offset = run.offset + value - run.first;
    if (key == no_key) return true;
    const auto last = acknowledged_[at].find(key);
    if (last != acknowledged_[at].end() &&
        (last->second.stream == stream ? last->second.value > value : last->second.offset > offset))
        return true;
    const auto newest = served_[at].find(key);
    if (newest != served_[at].end()) return newest->second.offset > offset;
    const auto buried = buried_[at].find(key);
    return buried != buried_[at].end() && buried->second >= offset;
}

Compaction::Absent Compaction::sort(const World& world, PartitionIndex partition, StreamIndex stream,
                                    const Ranges& absent) {
    Absent sorted;
    if (!configuration_.compacts || absent.runs().empty()) return sorted;
    if (removed_[static_cast<std::size_t>(stream.value)].empty()) return sorted;
    read_final_log(world, partition);
    for (const Run& run : removed_[static_cast<std::size_t>(stream.value)]) {
        Ranges whole;
        whole.add(run.first, run.end);
        const Ranges gone = whole.both(absent);
        for (const Ranges::Run& part : gone.runs())
            for (std::int64_t value = part.first; value < part.end; ++value) {
                if (run.cause == fact::CompactionCause::aborted)
                    sorted.aborted.add(value, value + 1);
                else if (is_rightly_removed(stream, run, value))
                    sorted.compacted.add(value, value + 1);
            }
    }
    partitions[static_cast<std::size_t>(partition.value)].removed += sorted.compacted.count();
    return sorted;
}

void Compaction::judge(PartitionIndex partition, const std::vector<Ranges>& lost) {
    const auto at = static_cast<std::size_t>(partition.value);
    CompactionSummary& summary = partitions[at];
    for (const auto& [key, last] : acknowledged_[at]) {
        summary.keys += 1;
        if (!lost[static_cast<std::size_t>(last.stream.value)].has(last.value)) continue;
        wrongly_cleaned = wrongly_cleaned || removal_of(last.stream, last.value) != nullptr;
        const bool served = served_[at].find(key) != served_[at].end();
        if (is_deletion(last))
            summary.resurrected += served && !is_deletion(served_[at].at(key)) ? 1 : 0;
        else if (served)
            summary.stale += 1;
        else
            summary.missing += 1;
    }
}

/// What the reader has of each key, against what it would have if it had read everything.
void Compaction::look_at_table(std::size_t consumer, PartitionIndex partition, const World& world) {
    const auto at = static_cast<std::size_t>(partition.value);
    const Table& given = given_[consumer * configuration_.partitions.size() + at];
    TableSummary& summary = tables[consumer];
    summary.any = true;
    const ServedLog serving = served_log(world, partition);
    if (serving.log == nullptr) return;
    std::int64_t position = -1;
    for (const auto& [key, record] : given)
        position = std::max(position, record.offset);
    for (const auto& [key, record] : given) {
        summary.keys += 1;
        const auto served = served_[at].find(key);
        const bool there = served != served_[at].end();
        const auto buried = buried_[at].find(key);
        const bool expired = record.offset < serving.log->log_start_offset.value;
        const bool deleted = buried != buried_[at].end() && buried->second > record.offset;
        if (there && served->second.offset > position)
            summary.behind += 1;
        else if (there && served->second.offset > record.offset)
            summary.stale += 1; // it went past it
        else if (!there && deleted && !is_deletion(record))
            summary.deleted_kept += 1;
        else if (!there && !is_deletion(record) && !deleted && !expired)
            summary.stale += 1; // the log has lost the key
        else
            summary.right += 1;
    }
}

void Compaction::at_end(const World& world, const std::vector<Ranges>& lost) {
    if (!configuration_.compacts) return;
    for (std::size_t p = 0; p < partitions.size(); ++p) {
        const PartitionIndex partition{static_cast<std::int32_t>(p)};
        if (configuration_.is_internal(partition)) continue;
        read_final_log(world, partition);
        judge(partition, lost);
    }
    for (std::size_t c = 0; c < tables.size(); ++c) {
        if (first_of_readers(configuration_, ConsumerIndex{static_cast<std::int32_t>(c)}) != c) continue;
        for (const TopicIndex topic : configuration_.consumers[c].topics) {
            const TopicConfiguration& configured = configuration_.topic(topic);
            bool keyed = false; // somebody writes keys to it, and it is compacted
            for (std::size_t s = 0; s < configuration_.streams.size(); ++s)
                keyed =
                    keyed || (configuration_.partition(configuration_.streams[s].partition).topic == topic &&
                              !configuration_.keys[s].cycle.empty());
            for (std::int32_t i = 0; keyed && i < configured.partitions; ++i)
                look_at_table(c, next(configured.partition_first, i), world);
        }
    }
}

} // namespace kafka
