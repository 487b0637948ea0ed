#include "tools/highwater/study/figures.hpp"

#include <algorithm>

namespace highwater {

namespace {

double per_million(std::int64_t count, std::int64_t sent) {
    return sent == 0 ? 0 : static_cast<double>(count) * 1000000 / static_cast<double>(sent);
}

double each(std::int64_t sum, std::int64_t of) { return static_cast<double>(sum) / static_cast<double>(of); }

void add_readers_of(RunFigures& run, const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.configuration;
    for (std::size_t c = 0; c < outcome.ledger.consumers.size(); ++c) {
        const kafka::ConsumerIndex consumer{static_cast<std::int32_t>(c)};
        if (kafka::first_of_readers(configuration, consumer) != c) continue;
        run.reread += outcome.ledger.consumers[c].reread;
        if (configuration.consumers[c].group == kafka::no_group)
            run.skipped += outcome.ledger.consumers[c].skipped;
    }
    for (const kafka::GroupSummary& group : outcome.ledger.consumption.groups) {
        run.skipped += group.lost;
        run.processed_again += group.repeats;
    }
}

void add_partitions_of(RunFigures& run, const Outcome& outcome) {
    run.partitions = 0;
    for (std::size_t i = 0; i < outcome.ledger.partitions.size(); ++i) {
        if (outcome.configuration->is_internal(kafka::PartitionIndex{static_cast<std::int32_t>(i)})) continue;
        const kafka::PartitionSummary& partition = outcome.ledger.partitions[i];
        run.write_unavailable += partition.write_unavailable.total.micros;
        run.read_unavailable += partition.read_unavailable.total.micros;
        run.longest_unavailable =
            std::max(run.longest_unavailable, partition.write_unavailable.longest.micros);
        run.partitions += 1;
    }
}

std::int64_t& at(RunFigures& run, Latency which) { return run.quantiles[static_cast<std::size_t>(which)]; }

void add_times_of(RunFigures& run, const Outcome& outcome, const Costs& costs) {
    std::map<std::int64_t, std::int64_t> exact;
    for (const kafka::ProducerSummary& producer : outcome.ledger.producers)
        for (const auto& [micros, count] : producer.latencies) {
            exact[micros] += count;
            run.latencies.add(micros, count);
        }
    for (const auto& [micros, count] : costs.end_to_end)
        run.end_to_end.add(micros, count);
    at(run, Latency::ack_p50) = exact_quantile(exact, 500);
    at(run, Latency::ack_p99) = exact_quantile(exact, 990);
    at(run, Latency::end_to_end_p50) = exact_quantile(costs.end_to_end, 500);
    at(run, Latency::end_to_end_p99) = exact_quantile(costs.end_to_end, 990);
}

} // namespace

double RunFigures::measure(Measure wanted) const {
    switch (wanted) {
    case Measure::lost:
        return per_million(lost, sent);
    case Measure::duplicated:
        return per_million(duplicated, sent);
    case Measure::reordered:
        return per_million(reordered, sent);
    case Measure::refused:
        return per_million(failed, sent);
    case Measure::skipped:
        return per_million(skipped, sent);
    case Measure::reread:
        return per_million(reread, sent);
    case Measure::write_unavailable:
        return each(write_unavailable, partitions);
    case Measure::read_unavailable:
        return each(read_unavailable, partitions);
    case Measure::replicated_bytes:
        return static_cast<double>(replicated_bytes);
    case Measure::stored_bytes:
        return static_cast<double>(stored_bytes);
    }
    return 0;
}

Costs::Costs(const kafka::Configuration& configuration) : configuration_(configuration) {
    sent_.resize(configuration.streams.size());
    known_.resize(configuration.consumers.size());
    for (std::vector<kafka::Ranges>& of_reader : known_)
        of_reader.resize(configuration.streams.size());
}

void Costs::on(sim::SimTime time, std::uint64_t, const kafka::Fact& fact, const kafka::World&) {
    if (const auto* acked = std::get_if<kafka::fact::RecordsAcknowledged>(&fact)) {
        const auto stream = static_cast<std::size_t>(acked->stream.value);
        sent_[stream].push_back({acked->first.value, acked->first.value + acked->count, acked->created,
                                 acked->created_last, stream});
    } else if (const auto* delivered = std::get_if<kafka::fact::Delivered>(&fact)) {
        const auto stream = static_cast<std::size_t>(delivered->stream.value);
        kafka::Ranges& known = known_[kafka::first_of_readers(configuration_, delivered->consumer)][stream];
        kafka::Ranges piece;
        piece.add(delivered->first.value, delivered->first.value + delivered->count);
        const kafka::Ranges fresh = piece.minus(known);
        for (const kafka::Ranges::Run& run : fresh.runs())
            read_.push_back({run.first, run.end, time, time, stream});
        known.add(delivered->first.value, delivered->first.value + delivered->count);
    }
}

void Costs::at_end(const kafka::World& world) {
    for (std::vector<Piece>& of_stream : sent_)
        std::stable_sort(of_stream.begin(), of_stream.end(),
                         [](const Piece& a, const Piece& b) { return a.first < b.first; });
    for (const Piece& read : read_) {
        const std::vector<Piece>& sent = sent_[read.stream];
        auto batch =
            std::upper_bound(sent.begin(), sent.end(), read.first,
                             [](std::int64_t first, const Piece& piece) { return first < piece.end; });
        for (; batch != sent.end() && batch->first < read.end; ++batch) {
            const std::int64_t first = std::max(batch->first, read.first);
            const std::int64_t end = std::min(batch->end, read.end);
            // Exact for up to eight records, else eight groups: cost follows batches, as in the ledger.
            const std::int64_t groups = std::min<std::int64_t>(end - first, 8);
            const std::int64_t span = (batch->to - batch->from).micros;
            const std::int64_t last = std::max<std::int64_t>(1, batch->end - batch->first - 1);
            for (std::int64_t i = 0; i < groups; ++i) {
                const std::int64_t share = (end - first) * (i + 1) / groups - (end - first) * i / groups;
                const std::int64_t record = first + (end - first) * i / groups - batch->first;
                const std::int64_t waited = (read.from - batch->from).micros - span * record / last;
                end_to_end[std::max<std::int64_t>(0, waited)] += share;
            }
        }
    }
    for (std::size_t b = 0; b < configuration_.brokers.size(); ++b)
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
            const kafka::Log* log = kafka::log_of(world, kafka::BrokerSlot{static_cast<std::int32_t>(b)},
                                                  kafka::PartitionIndex{static_cast<std::int32_t>(p)});
            if (log != nullptr) stored_bytes += log->bytes;
        }
}

RunFigures figures_of(const Outcome& outcome, const Costs& costs) {
    RunFigures run;
    run.seed = outcome.seed;
    run.events = outcome.events;
    for (const kafka::StreamSummary& stream : outcome.ledger.streams) {
        run.sent += stream.sent;
        run.acknowledged += stream.acknowledged;
        run.failed += stream.failed;
        run.unknown += stream.unknown;
        run.lost += stream.lost;
        run.unavailable += stream.unavailable;
        run.duplicated += stream.duplicated;
        run.reordered += stream.reordered;
    }
    add_readers_of(run, outcome);
    add_partitions_of(run, outcome);
    run.replicated_bytes = outcome.ledger.replicated_bytes;
    run.stored_bytes = costs.stored_bytes;
    add_times_of(run, outcome, costs);
    for (const kafka::Guarantee& guarantee : outcome.guarantees)
        if (guarantee.state == kafka::GuaranteeState::violated) run.violated.push_back(guarantee.name);
    return run;
}

RunFigures run_figures(const kafka::Scenario& scenario, std::uint64_t seed, const std::string& repeat) {
    Costs costs(*scenario.configuration);
    Watch watch;
    watch.other = &costs;
    const Outcome outcome = run_once(scenario, seed, repeat, watch);
    return figures_of(outcome, costs);
}

void add_counts(RunFigures& total, const RunFigures& run) {
    total.sent += run.sent;
    total.acknowledged += run.acknowledged;
    total.failed += run.failed;
    total.unknown += run.unknown;
    total.lost += run.lost;
    total.unavailable += run.unavailable;
    total.duplicated += run.duplicated;
    total.reordered += run.reordered;
    total.skipped += run.skipped;
    total.reread += run.reread;
    total.processed_again += run.processed_again;
    total.write_unavailable += run.write_unavailable;
    total.read_unavailable += run.read_unavailable;
    total.longest_unavailable = std::max(total.longest_unavailable, run.longest_unavailable);
    total.replicated_bytes += run.replicated_bytes;
    total.stored_bytes += run.stored_bytes;
    total.events += run.events;
    total.partitions = run.partitions;
    total.latencies.add(run.latencies);
    total.end_to_end.add(run.end_to_end);
}

} // namespace highwater
