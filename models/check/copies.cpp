#include "models/check/copies.hpp"

#include "models/check/scope.hpp"

#include <algorithm>

namespace kafka {

Copies::Copies(const Configuration& configuration)
    : groups(configuration.groups.size()), configuration_(configuration) {
    for (const ConsumerConfiguration& consumer : configuration.consumers)
        if (consumer.group != no_group && consumer.application.output.topic.value >= 0)
            groups[static_cast<std::size_t>(consumer.group.value)].any = true;
}

void Copies::on(const Fact& fact) {
    const auto* sent = std::get_if<fact::ResultSent>(&fact);
    if (sent == nullptr) return;
    const Piece piece{configuration_.consumer(sent->consumer).group,
                      sent->partition,
                      sent->base_offset.value,
                      sent->stream,
                      sent->first.value,
                      sent->count};
    if (!pieces_.empty()) {
        Piece& last = pieces_.back();
        const bool goes_on = last.group == piece.group && last.partition == piece.partition &&
                             last.stream == piece.stream && last.offset + last.count == piece.offset &&
                             last.first + last.count == piece.first;
        if (goes_on) {
            last.count += piece.count;
            return;
        }
    }
    pieces_.push_back(piece);
}

std::vector<Copies::Written> Copies::read_results(const World& world) const {
    std::vector<Written> written(configuration_.streams.size());
    for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
        const PartitionIndex partition{static_cast<std::int32_t>(p)};
        const ServedLog served = served_log(world, partition);
        if (served.log == nullptr) continue;
        for (std::size_t s = 0; s < written.size(); ++s)
            if (configuration_.streams[s].partition == partition) written[s].available = true;
        const Log& log = *served.log;
        const std::vector<BatchFate> fates = fates_of(log, served.replica->high_watermark);
        for (std::size_t i = 0; i < fates.size(); ++i) {
            const Batch& batch = log.batches[i];
            if (fates[i] == BatchFate::control || fates[i] == BatchFate::aborted) continue;
            Written& stream = written[static_cast<std::size_t>(batch.stream.value)];
            Ranges rest;
            rest.add(batch.value_first.value, batch.value_first.value + batch.count);
            if (fates[i] == BatchFate::open) {
                stream.open.add(batch.value_first.value, batch.value_first.value + batch.count);
                continue;
            }
            for (std::size_t n = 0; !rest.runs().empty(); ++n) { // what is there already is one copy more
                if (stream.copies.size() == n) stream.copies.emplace_back();
                const Ranges known = rest.both(stream.copies[n]);
                for (const Ranges::Run& run : rest.runs())
                    stream.copies[n].add(run.first, run.end);
                rest = known;
            }
        }
    }
    return written;
}

void Copies::judge(const World& world, GroupIndex group, PartitionIndex partition, Offset committed,
                   const std::vector<Written>& written) {
    CopySummary& summary = groups[static_cast<std::size_t>(group.value)];
    Ranges once;
    Ranges more;
    Ranges excused; // open, or nobody can be asked
    std::int64_t results = 0;
    for (const Piece& piece : pieces_) {
        if (piece.group != group || piece.partition != partition) continue;
        const Written& stream = written[static_cast<std::size_t>(piece.stream.value)];
        const std::int64_t shift = piece.offset - piece.first;
        Ranges values;
        values.add(piece.first, piece.first + piece.count);
        for (const Ranges& copy : stream.copies) {
            const Ranges seen = values.both(copy);
            for (const Ranges::Run& run : seen.runs()) {
                results += run.end - run.first;
                Ranges offsets;
                offsets.add(run.first + shift, run.end + shift);
                const Ranges again = offsets.both(once);
                for (const Ranges::Run& twice : again.runs())
                    more.add(twice.first, twice.end);
                once.add(run.first + shift, run.end + shift);
            }
        }
        const Ranges undecided = stream.available ? values.both(stream.open) : values;
        for (const Ranges::Run& run : undecided.runs())
            excused.add(run.first + shift, run.end + shift);
    }
    summary.results += results;
    summary.once += once.count() - more.count();
    summary.duplicated += results - once.count();
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Replica* replica = replica_of(world, leader, partition);
    const Log* log = log_of(world, leader, partition);
    if (replica == nullptr || log == nullptr) return;
    IsolationLevel isolation = IsolationLevel::read_uncommitted;
    for (const ConsumerConfiguration& one : configuration_.consumers)
        if (one.group == group) isolation = isolation_of(one);
    const std::vector<BatchFate> fates = fates_of(*log, replica->high_watermark);
    for (std::size_t i = 0; i < fates.size(); ++i) {
        const bool hidden = fates[i] == BatchFate::control ||
                            (fates[i] == BatchFate::aborted && isolation == IsolationLevel::read_committed);
        const std::int64_t end = std::min(end_offset(log->batches[i]).value, committed.value);
        if (hidden || log->batches[i].base_offset.value >= end) continue;
        Ranges inputs;
        inputs.add(log->batches[i].base_offset.value, end);
        const Ranges without = inputs.minus(once);
        summary.pending += without.both(excused).count();
        summary.missing += without.minus(excused).count();
    }
}

void Copies::at_end(const World& world, const std::vector<std::vector<Offset>>& committed) {
    const bool any =
        std::any_of(groups.begin(), groups.end(), [](const CopySummary& one) { return one.any; });
    if (!any) return;
    const std::vector<Written> written = read_results(world);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const GroupIndex group{static_cast<std::int32_t>(g)};
        if (!groups[g].any) continue;
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
            const PartitionIndex partition{static_cast<std::int32_t>(p)};
            if (reads(configuration_, group, partition))
                judge(world, group, partition, committed[g][p], written);
        }
    }
}

} // namespace kafka
