#include "tools/highwater/explain/fates.hpp"

#include "models/check/ledger.hpp"

#include <algorithm>

namespace highwater {

bool Fate::has(Mishap mishap) const {
    switch (mishap) {
    case Mishap::lost:
        return acknowledged && has_leader && copies == 0 && !compacted;
    case Mishap::duplicated:
        return copies > 1;
    case Mishap::skipped:
        return skipped;
    case Mishap::processed_twice:
        return processed_twice;
    case Mishap::none:
        return worst() == Mishap::none;
    }
    return false;
}

Mishap Fate::worst() const {
    for (const Mishap mishap : {Mishap::lost, Mishap::duplicated, Mishap::skipped, Mishap::processed_twice})
        if (has(mishap)) return mishap;
    return Mishap::none;
}

Fates::Fates(const kafka::Configuration& configuration)
    : configuration_(&configuration), streams_(configuration.streams.size()),
      sent_(configuration.producers.size()), stored_(configuration.partitions.size()),
      told_(configuration.partitions.size()), has_leader_(configuration.partitions.size(), true),
      delivered_(configuration.consumers.size() * configuration.streams.size()),
      position_(configuration.consumers.size() * configuration.partitions.size(), 0),
      groups_(configuration.groups.size(), std::vector<kafka::Ranges>(configuration.streams.size())),
      consumption_(configuration), compaction_(configuration) {}

void Fates::on_sent(const kafka::fact::RecordsSent& sent) {
    const auto stream = static_cast<std::size_t>(sent.stream.value);
    const std::int64_t first = sent.first.value;
    streams_[stream].sent.add(first, first + sent.count);
    std::vector<Sent>& all =
        sent_[static_cast<std::size_t>(configuration_->stream(sent.stream).producer.value)];
    const std::int64_t ordinal = all.empty() ? 0 : all.back().ordinal + (all.back().end - all.back().first);
    if (!all.empty() && all.back().stream == sent.stream && all.back().end == first)
        all.back().end += sent.count;
    else
        all.push_back({ordinal, sent.stream, first, first + sent.count});
}

void Fates::on(sim::SimTime time, std::uint64_t, const kafka::Fact& fact, const kafka::World&) {
    consumption_.on(time, fact);
    compaction_.on(fact);
    const auto range = [&](const auto& records, kafka::Ranges OfStream::*member) {
        (streams_[static_cast<std::size_t>(records.stream.value)].*member)
            .add(records.first.value, records.first.value + records.count);
    };
    const auto remove = [&](const auto& records, kafka::Ranges OfStream::*member) {
        kafka::Ranges run;
        run.add(records.first.value, records.first.value + records.count);
        kafka::Ranges& of = streams_[static_cast<std::size_t>(records.stream.value)].*member;
        of = of.minus(run);
    };
    if (const auto* sent = std::get_if<kafka::fact::RecordsSent>(&fact)) {
        on_sent(*sent);
    } else if (const auto* acked = std::get_if<kafka::fact::RecordsAcknowledged>(&fact)) {
        range(*acked, &OfStream::acknowledged);
        remove(*acked, &OfStream::failed);
        if (acked->base_offset != kafka::no_offset)
            told_[static_cast<std::size_t>(configuration_->stream(acked->stream).partition.value)].push_back(
                {acked->base_offset.value, acked->stream, acked->first.value,
                 acked->first.value + acked->count});
    } else if (const auto* failed = std::get_if<kafka::fact::RecordsFailed>(&fact)) {
        range(*failed, &OfStream::failed);
    } else if (const auto* resent = std::get_if<kafka::fact::RecordsResent>(&fact)) {
        remove(*resent, &OfStream::failed);
    } else if (const auto* delivered = std::get_if<kafka::fact::Delivered>(&fact)) {
        const std::size_t reader = kafka::first_of_readers(*configuration_, delivered->consumer);
        const auto stream = static_cast<std::size_t>(delivered->stream.value);
        delivered_[reader * streams_.size() + stream].add(delivered->first.value,
                                                          delivered->first.value + delivered->count);
        std::int64_t& position = position_[reader * configuration_->partitions.size() +
                                           static_cast<std::size_t>(delivered->partition.value)];
        position = std::max(position, delivered->base_offset.value + delivered->count);
    } else if (const auto* processed = std::get_if<kafka::fact::ProcessingEnded>(&fact)) {
        const kafka::GroupIndex group = configuration_->consumer(processed->consumer).group;
        // A second effect that is none is no mishap.
        if (group == kafka::no_group ||
            configuration_->consumer(processed->consumer).application.idempotent_sink)
            return;
        kafka::Ranges run;
        run.add(processed->first.value, processed->first.value + processed->count);
        const auto stream = static_cast<std::size_t>(processed->stream.value);
        kafka::Ranges& known = groups_[static_cast<std::size_t>(group.value)][stream];
        const kafka::Ranges again = run.both(known);
        for (const kafka::Ranges::Run& one : again.runs())
            streams_[stream].processed_twice.add(one.first, one.end);
        known.add(processed->first.value, processed->first.value + processed->count);
    }
}

void Fates::read_log(const kafka::World& world, kafka::PartitionIndex partition) {
    const auto at = static_cast<std::size_t>(partition.value);
    const kafka::PartitionState& state = decided_state(world, partition);
    const kafka::Replica* replica = replica_of(world, state.leader, partition);
    has_leader_[at] = state.leader != kafka::no_slot && is_running(world, state.leader) &&
                      replica != nullptr && std::holds_alternative<kafka::Leader>(replica->role);
    if (!has_leader_[at]) return;
    const kafka::Log& log = *log_of(world, state.leader, partition);
    for (std::size_t i = 0; i < log.batches.size(); ++i) {
        const kafka::Batch& batch = log.batches[i];
        if (end_offset(batch) > replica->high_watermark) break;
        if (!has_records(batch)) continue;
        OfStream& stream = streams_[static_cast<std::size_t>(batch.stream.value)];
        kafka::Ranges run;
        const std::int64_t first = batch.value_first.value;
        run.add(first, first + batch.count);
        const kafka::Ranges again = run.both(stream.present);
        for (const kafka::Ranges::Run& one : again.runs())
            stream.twice.add(one.first, one.end);
        stream.present.add(first, first + batch.count);
        stored_[at].push_back({batch.base_offset.value, batch.stream, first, first + batch.count});
    }
}

void Fates::find_skipped() {
    for (const kafka::ConsumerLoss& loss : consumption_.losses)
        streams_[static_cast<std::size_t>(loss.stream.value)].skipped.add(loss.first, loss.end);
    for (std::size_t c = 0; c < configuration_->consumers.size(); ++c) {
        const kafka::ConsumerConfiguration& reader = configuration_->consumers[c];
        if (reader.group != kafka::no_group) continue;
        for (std::size_t p = 0; p < stored_.size(); ++p)
            for (const Stored& batch : stored_[p]) {
                const std::int64_t end =
                    std::min(batch.end, batch.first + position_[c * stored_.size() + p] - batch.offset);
                if (end <= batch.first) continue;
                kafka::Ranges run;
                run.add(batch.first, end);
                const auto stream = static_cast<std::size_t>(batch.stream.value);
                const kafka::Ranges passed = run.minus(delivered_[c * streams_.size() + stream]);
                for (const kafka::Ranges::Run& one : passed.runs())
                    streams_[stream].skipped.add(one.first, one.end);
            }
    }
}

void Fates::at_end(const kafka::World& world) {
    consumption_.at_end(world);
    for (std::size_t p = 0; p < stored_.size(); ++p) {
        const kafka::PartitionIndex partition{static_cast<std::int32_t>(p)};
        if (!configuration_->is_internal(partition)) read_log(world, partition);
    }
    find_skipped();
    for (std::size_t s = 0; s < streams_.size(); ++s) {
        const auto partition = static_cast<std::size_t>(configuration_->streams[s].partition.value);
        if (configuration_->streams[s].producer == kafka::no_producer || !has_leader_[partition]) continue;
        const kafka::Ranges absent = streams_[s].acknowledged.minus(streams_[s].present);
        const kafka::Compaction::Absent cleaned =
            compaction_.sort(world, configuration_->streams[s].partition,
                             kafka::StreamIndex{static_cast<std::int32_t>(s)}, absent);
        streams_[s].lost = absent.minus(cleaned.compacted).minus(cleaned.aborted);
        if (configuration_->compacts) streams_[s].compacted = absent.minus(streams_[s].lost);
    }
}

Fate Fates::of(const RecordId& record) const {
    const OfStream& stream = streams_[static_cast<std::size_t>(record.stream.value)];
    Fate fate;
    fate.sent = stream.sent.has(record.value);
    fate.acknowledged = stream.acknowledged.has(record.value);
    fate.failed = stream.failed.has(record.value);
    fate.has_leader =
        has_leader_[static_cast<std::size_t>(configuration_->stream(record.stream).partition.value)];
    fate.copies = stream.twice.has(record.value) ? 2 : stream.present.has(record.value) ? 1 : 0;
    fate.compacted = stream.compacted.has(record.value);
    fate.skipped = stream.skipped.has(record.value);
    fate.processed_twice = stream.processed_twice.has(record.value);
    return fate;
}

const kafka::Ranges& Fates::of(const OfStream& stream, Mishap mishap) const {
    switch (mishap) {
    case Mishap::duplicated:
        return stream.twice;
    case Mishap::skipped:
        return stream.skipped;
    case Mishap::processed_twice:
        return stream.processed_twice;
    case Mishap::lost:
    case Mishap::none:
        break;
    }
    return stream.lost;
}

std::optional<RecordId> Fates::first_victim() const {
    for (const Mishap mishap : {Mishap::lost, Mishap::duplicated, Mishap::skipped, Mishap::processed_twice})
        for (std::size_t s = 0; s < streams_.size(); ++s) {
            const bool internal = configuration_->streams[s].producer == kafka::no_producer;
            const auto& runs = of(streams_[s], mishap).runs();
            if (!internal && !runs.empty())
                return RecordId{kafka::StreamIndex{static_cast<std::int32_t>(s)}, runs.front().first};
        }
    return std::nullopt;
}

std::int64_t Fates::companions(const RecordId& record, Mishap mishap) const {
    const OfStream& stream = streams_[static_cast<std::size_t>(record.stream.value)];
    for (const kafka::Ranges::Run& run : of(stream, mishap).runs())
        if (run.first <= record.value && record.value < run.end) return run.end - record.value;
    return 0;
}

std::int64_t Fates::count(Mishap mishap) const {
    std::int64_t sum = 0;
    for (std::size_t s = 0; s < streams_.size(); ++s)
        if (configuration_->streams[s].producer != kafka::no_producer) sum += of(streams_[s], mishap).count();
    return sum;
}

std::int64_t Fates::ordinal(const RecordId& record) const {
    const kafka::ProducerIndex producer = configuration_->stream(record.stream).producer;
    for (const Sent& sent : sent_[static_cast<std::size_t>(producer.value)])
        if (sent.stream == record.stream && sent.first <= record.value && record.value < sent.end)
            return sent.ordinal + (record.value - sent.first);
    return -1;
}

std::optional<RecordId> Fates::at_ordinal(kafka::ProducerIndex producer, std::int64_t ordinal) const {
    for (const Sent& sent : sent_[static_cast<std::size_t>(producer.value)])
        if (sent.ordinal <= ordinal && ordinal < sent.ordinal + (sent.end - sent.first))
            return RecordId{sent.stream, sent.first + (ordinal - sent.ordinal)};
    return std::nullopt;
}

std::optional<RecordId> Fates::at_offset(kafka::PartitionIndex partition, std::int64_t offset) const {
    const auto at = static_cast<std::size_t>(partition.value);
    const auto find = [&](const std::vector<Stored>& batches, bool only_lost) -> std::optional<RecordId> {
        for (const Stored& batch : batches) {
            if (offset < batch.offset || offset >= batch.offset + (batch.end - batch.first)) continue;
            const RecordId record{batch.stream, batch.first + (offset - batch.offset)};
            if (!only_lost || of(record).has(Mishap::lost)) return record;
        }
        return std::nullopt;
    };
    if (const auto lost = find(told_[at], true)) return lost;
    if (const auto stored = find(stored_[at], false)) return stored;
    return find(told_[at], false);
}

} // namespace highwater
