#include "models/check/readings.hpp"

#include <algorithm>

namespace kafka {

Readings::Readings(const Configuration& configuration)
    : configuration_(configuration), seen_(configuration.partitions.size()),
      acknowledged_(configuration.partitions.size()), sent_(configuration.streams.size(), 0),
      last_epoch_(configuration.consumers.size() * configuration.partitions.size(), no_epoch),
      exposed_(configuration.partitions.size(), Offset{0}), compacted_(configuration.streams.size()) {}

void Readings::find(const char* name, sim::SimTime time, PartitionIndex partition, const std::string& text) {
    if (findings_.size() < 100)
        findings_.push_back({name, time, configuration_.partition(partition).name + ": " + text});
}

bool Readings::continues(const Piece& before, const Piece& piece) {
    return before.end == piece.offset && before.stream == piece.stream &&
           before.first - before.offset == piece.first - piece.offset;
}

std::int64_t Readings::Seen::add(const Piece& piece) {
    if (pieces.empty() || pieces.back().end <= piece.offset) { // the usual case: reading goes on
        if (!pieces.empty() && continues(pieces.back(), piece))
            pieces.back().end = piece.end;
        else
            pieces.push_back(piece);
        return 0;
    }
    std::int64_t different = 0;
    auto at = std::lower_bound(pieces.begin(), pieces.end(), piece.offset,
                               [](const Piece& p, std::int64_t offset) { return p.end <= offset; });
    std::int64_t covered_to = piece.offset;
    std::vector<Piece> fresh;
    for (auto other = at; other != pieces.end() && other->offset < piece.end; ++other) {
        const std::int64_t from = std::max(other->offset, piece.offset);
        const std::int64_t to = std::min(other->end, piece.end);
        const bool same =
            other->stream == piece.stream && other->first - other->offset == piece.first - piece.offset;
        if (!same) different += to - from;
        if (from > covered_to)
            fresh.push_back({covered_to, from, piece.stream, piece.first + covered_to - piece.offset});
        covered_to = to;
    }
    if (covered_to < piece.end)
        fresh.push_back({covered_to, piece.end, piece.stream, piece.first + covered_to - piece.offset});
    for (const Piece& one : fresh) {
        const auto place =
            std::lower_bound(pieces.begin(), pieces.end(), one.offset,
                             [](const Piece& p, std::int64_t offset) { return p.offset < offset; });
        if (place != pieces.begin() && continues(*(place - 1), one))
            (place - 1)->end = one.end;
        else
            pieces.insert(place, one);
    }
    return different;
}

void Readings::on(sim::SimTime time, std::uint64_t, const Fact& fact, const World& world) {
    if (const auto* sent = std::get_if<fact::RecordsSent>(&fact)) {
        std::int64_t& end = sent_[static_cast<std::size_t>(sent->stream.value)];
        end = std::max(end, sent->first.value + sent->count);
    } else if (const auto* moved = std::get_if<fact::HighWatermarkMoved>(&fact)) {
        Offset& exposed = exposed_[static_cast<std::size_t>(moved->partition.value)];
        if (moved->as_leader) exposed = std::max(exposed, moved->high_watermark);
    } else if (const auto* delivered = std::get_if<fact::Delivered>(&fact)) {
        on_delivered(time, *delivered, world);
    } else if (const auto* cleaned = std::get_if<fact::RecordsCompacted>(&fact)) {
        compacted_[static_cast<std::size_t>(cleaned->stream.value)].add(
            cleaned->first.value, cleaned->first.value + cleaned->count);
    } else if (const auto* acked = std::get_if<fact::RecordsAcknowledged>(&fact)) {
        if (acked->base_offset == no_offset) return;
        const PartitionIndex partition = configuration_.stream(acked->stream).partition;
        const Piece piece{acked->base_offset.value, acked->base_offset.value + acked->count, acked->stream,
                          acked->first.value};
        const std::int64_t reused = acknowledged_[static_cast<std::size_t>(partition.value)].add(piece);
        offset_reuse += reused;
        if (reused > 0)
            find("offset_reuse", time, partition, "two records were acknowledged with one offset");
    }
}

void Readings::on_delivered(sim::SimTime time, const fact::Delivered& fact, const World& world) {
    const auto partition = static_cast<std::size_t>(fact.partition.value);
    const Offset end = next(fact.base_offset, fact.count);
    const Replica* replica = replica_of(world, fact.from, fact.partition);
    // The broker may have restarted or followed since it answered; only a living leader can be asked. One
    // that has led before may lead again with a lower high watermark, while what it gave out waits for a
    // poll.
    const bool leads =
        replica != nullptr && is_running(world, fact.from) && std::holds_alternative<Leader>(replica->role);
    if (leads && end > std::max(replica->high_watermark, exposed_[partition])) {
        dirty_reads += fact.count;
        find("dirty_read", time, fact.partition, "records above the high watermark were read");
    }
    const Piece piece{fact.base_offset.value, end.value, fact.stream, fact.first.value};
    const std::int64_t different = seen_[partition].add(piece);
    inconsistent_offsets += different;
    if (different > 0)
        find("inconsistent_offsets", time, fact.partition, "an offset was read with another record before");
    if (fact.first.value + fact.count > sent_[static_cast<std::size_t>(fact.stream.value)])
        phantoms += fact.count;
    Epoch& last =
        last_epoch_[static_cast<std::size_t>(fact.consumer.value) * configuration_.partitions.size() +
                    partition];
    epoch_regressions += fact.leader_epoch < last ? 1 : 0;
    last = fact.leader_epoch;
}

void Readings::at_end(const World& world) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const PartitionIndex partition{static_cast<std::int32_t>(i)};
        const Log* log = log_of(world, decided_state(world, partition).leader, partition);
        if (log == nullptr) continue;
        std::size_t at = 0;
        for (const Piece& piece : seen_[i].pieces) {
            // What lies below the log start has expired: it has not vanished.
            const std::int64_t from = std::max(piece.offset, log->log_start_offset.value);
            if (from >= piece.end) continue;
            std::int64_t kept = 0;
            Ranges there; // values, where the log has been compacted
            const bool compacted = log->cleaning.gaps_end > Offset{0} && piece.stream != no_stream;
            while (at < log->batches.size() && end_offset(log->batches[at]).value <= from)
                ++at;
            for (std::size_t b = at; b < log->batches.size() && log->batches[b].base_offset.value < piece.end;
                 ++b) {
                const Batch& batch = log->batches[b];
                const bool same =
                    batch.stream == piece.stream &&
                    batch.value_first.value - batch.base_offset.value == piece.first - piece.offset;
                if (same && compacted)
                    there.add(std::max(batch.base_offset.value, from) - piece.offset + piece.first,
                              std::min(end_offset(batch).value, piece.end) - piece.offset + piece.first);
                else if (same)
                    kept += std::min(end_offset(batch).value, piece.end) -
                            std::max(batch.base_offset.value, from);
            }
            if (compacted) { // what a cleaner removed has not vanished
                Ranges read;
                read.add(piece.first + from - piece.offset, piece.first + piece.end - piece.offset);
                vanished +=
                    read.minus(there).minus(compacted_[static_cast<std::size_t>(piece.stream.value)]).count();
                continue;
            }
            vanished += piece.end - from - kept;
        }
    }
}

} // namespace kafka
