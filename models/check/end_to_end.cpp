#include "models/check/end_to_end.hpp"

#include "models/check/scope.hpp"
#include "models/check/visibility.hpp"

#include <algorithm>

namespace kafka {

std::string_view delivery(const EndToEndSummary& summary) {
    const std::int64_t never = summary.lost_in_log + summary.given_up + summary.passed_over + summary.expired;
    if (never == 0) return summary.repeated == 0 ? "exactly once" : "at least once";
    return summary.repeated == 0 ? "at most once" : "neither";
}

EndToEnd::EndToEnd(const Configuration& configuration)
    : groups(configuration.groups.size()), configuration_(configuration),
      acknowledged_(configuration.streams.size()), compacted_(configuration.streams.size()),
      expired_(configuration.streams.size()), sent_(configuration.streams.size()),
      progress_(configuration.groups.size() * configuration.streams.size()) {}

void EndToEnd::on(sim::SimTime time, const Fact& fact) {
    if (groups.empty()) return;
    if (const auto* acked = std::get_if<fact::RecordsAcknowledged>(&fact)) {
        const auto stream = static_cast<std::size_t>(acked->stream.value);
        acknowledged_[stream].add(acked->first.value, acked->first.value + acked->count);
        sent_[stream].push_back({acked->first.value, acked->count, acked->created, acked->created_last});
    } else if (const auto* processed = std::get_if<fact::ProcessingEnded>(&fact)) {
        if (processed->outcome == ProcessingOutcome::done) on_processed(time, *processed);
    } else if (const auto* cleaned = std::get_if<fact::RecordsCompacted>(&fact)) {
        compacted_[static_cast<std::size_t>(cleaned->stream.value)].add(
            cleaned->first.value, cleaned->first.value + cleaned->count);
    } else if (const auto* expired = std::get_if<fact::RecordsExpired>(&fact)) {
        expired_[static_cast<std::size_t>(expired->stream.value)].add(expired->first.value,
                                                                      expired->first.value + expired->count);
    }
}

void EndToEnd::on_processed(sim::SimTime time, const fact::ProcessingEnded& fact) {
    if (fact.stream == no_stream) return;
    const auto group = static_cast<std::size_t>(configuration_.consumer(fact.consumer).group.value);
    Progress& progress = at(group, fact.stream);
    Ranges now;
    now.add(fact.first.value, fact.first.value + fact.count);
    const Ranges fresh = now.minus(progress.processed);
    const Ranges again = now.both(progress.processed);
    for (const Ranges::Run& run : again.runs())
        progress.again.add(run.first, run.end);
    for (const Ranges::Run& run : fresh.runs()) {
        progress.first_time.push_back({run.first, run.end - run.first, time});
        progress.processed.add(run.first, run.end);
    }
}

bool EndToEnd::reads(std::size_t group, PartitionIndex partition) const {
    return kafka::reads(configuration_, GroupIndex{static_cast<std::int32_t>(group)}, partition);
}

/// Joins what was processed with when it was sent. Both are sorted by number first.
void EndToEnd::measure(std::size_t group, StreamIndex stream) {
    std::vector<Done>& done = at(group, stream).first_time;
    std::vector<Sent>& sent = sent_[static_cast<std::size_t>(stream.value)];
    const auto by_number = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::stable_sort(done.begin(), done.end(), by_number);
    std::stable_sort(sent.begin(), sent.end(), by_number);
    auto batch = sent.begin();
    for (const Done& one : done)
        for (std::int64_t value = one.first; value < one.first + one.count; ++value) {
            while (batch != sent.end() && batch->first + batch->count <= value)
                ++batch;
            if (batch == sent.end()) return;
            if (value < batch->first) continue; // nobody was told of it
            const std::int64_t steps = std::max<std::int64_t>(1, batch->count - 1);
            const std::int64_t spread = (batch->created_last - batch->created).micros;
            const sim::SimTime created =
                batch->created + sim::Duration{spread * (value - batch->first) / steps};
            groups[group].latencies.add(std::max<std::int64_t>(0, (one.time - created).micros), 1);
        }
}

/// Acknowledged and never processed: where the log has them, and what the group did about them.
void EndToEnd::place_unprocessed(const World& world, std::size_t group, StreamIndex stream,
                                 const Consumption& consumption) {
    const PartitionIndex partition = configuration_.stream(stream).partition;
    const GroupIndex index{static_cast<std::int32_t>(group)};
    EndToEndSummary& summary = groups[group];
    Ranges missing = acknowledged_[static_cast<std::size_t>(stream.value)].minus(at(group, stream).processed);
    if (missing.runs().empty()) return;
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Log* log = log_of(world, leader, partition);
    const Replica* replica = replica_of(world, leader, partition);
    const std::int64_t passed = consumption.behind(index, partition).value;
    for (std::size_t b = 0; log != nullptr && replica != nullptr && b < log->batches.size(); ++b) {
        const Batch& batch = log->batches[b];
        if (batch.stream != stream || !has_records(batch) || batch.base_offset >= replica->high_watermark)
            continue;
        Ranges whole;
        const Batch served = served_part(batch, log->log_start_offset);
        whole.add(served.value_first.value, served.value_first.value + served.count);
        const Ranges here = missing.both(whole);
        for (const Ranges::Run& run : here.runs())
            for (std::int64_t value = run.first; value < run.end; ++value) {
                const std::int64_t offset = batch.base_offset.value + value - batch.value_first.value;
                if (consumption.failures.settled(index, partition).has(offset))
                    summary.given_up += 1;
                else
                    (offset < passed ? summary.passed_over : summary.to_come) += 1;
            }
        missing = missing.minus(here);
    }
    const Ranges expired = missing.both(expired_[static_cast<std::size_t>(stream.value)]);
    summary.expired += expired.count();
    missing = missing.minus(expired);
    const Ranges compacted = missing.both(compacted_[static_cast<std::size_t>(stream.value)]);
    summary.compacted += compacted.count();
    summary.lost_in_log += missing.count() - compacted.count();
}

void EndToEnd::at_end(const World& world, const Consumption& consumption) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
        for (std::size_t s = 0; s < configuration_.streams.size(); ++s) {
            const StreamIndex stream{static_cast<std::int32_t>(s)};
            if (configuration_.streams[s].producer == no_producer) continue;
            if (!reads(g, configuration_.streams[s].partition)) continue;
            const Progress& progress = at(g, stream);
            const Ranges known = acknowledged_[s].both(progress.processed);
            const std::int64_t again = known.both(progress.again).count();
            groups[g].produced += acknowledged_[s].count();
            groups[g].repeated += again;
            groups[g].once += known.count() - again;
            groups[g].unacknowledged += progress.processed.minus(acknowledged_[s]).count();
            measure(g, stream);
            place_unprocessed(world, g, stream, consumption);
        }
        groups[g].latencies.settle();
    }
}

} // namespace kafka
