#include "tools/highwater/sweep/row.hpp"

#include "tools/highwater/study/histogram.hpp"

#include <algorithm>
#include <map>

namespace highwater {

namespace {

void add_streams(SweepRow& row, const kafka::Ledger& ledger) {
    for (const kafka::StreamSummary& stream : ledger.streams) {
        row[Count::sent] += stream.sent;
        row[Count::acknowledged] += stream.acknowledged;
        row[Count::failed] += stream.failed;
        row[Count::unknown] += stream.unknown;
        row[Count::lost] += stream.lost;
        row[Count::unavailable] += stream.unavailable;
        row[Count::duplicated] += stream.duplicated;
        row[Count::reordered] += stream.reordered;
        row[Count::written_though_failed] += stream.written_though_failed;
    }
}

void add_readers(SweepRow& row, const kafka::Ledger& ledger) {
    for (const kafka::ConsumerSummary& consumer : ledger.consumers) {
        row[Count::unread] += consumer.unread;
        row[Count::skipped] += consumer.skipped;
        row[Count::reread] += consumer.reread;
    }
    for (const kafka::GroupSummary& group : ledger.consumption.groups) {
        row[Count::lost_to_consumers] += group.lost;
        row[Count::consumer_duplicates] += group.repeats;
    }
}

void add_partitions(SweepRow& row, const Outcome& outcome) {
    for (std::size_t i = 0; i < outcome.ledger.partitions.size(); ++i) {
        const kafka::PartitionSummary& partition = outcome.ledger.partitions[i];
        if (outcome.configuration->is_internal(kafka::PartitionIndex{static_cast<std::int32_t>(i)})) continue;
        const auto longest = [&](Count count, const kafka::Spans& spans) {
            row[count] = std::max(row[count], spans.longest.micros);
        };
        row[Count::partitions] += 1;
        row[Count::write_unavailable_us] += partition.write_unavailable.total.micros;
        row[Count::read_unavailable_us] += partition.read_unavailable.total.micros;
        longest(Count::write_unavailable_longest_us, partition.write_unavailable);
        longest(Count::read_unavailable_longest_us, partition.read_unavailable);
        row[Count::unclean_elections] += partition.unclean_elections;
    }
}

void add_latencies(SweepRow& row, const kafka::Ledger& ledger) {
    std::map<std::int64_t, std::int64_t> exact;
    for (const kafka::ProducerSummary& producer : ledger.producers)
        for (const auto& [micros, count] : producer.latencies)
            exact[micros] += count;
    row[Count::ack_p50_us] = exact_quantile(exact, 500);
    row[Count::ack_p99_us] = exact_quantile(exact, 990);
    row[Count::ack_max_us] = exact.empty() ? -1 : exact.rbegin()->first;
}

} // namespace

SweepRow row_of(const Outcome& outcome, bool asks_expectations) {
    SweepRow row;
    row.seed = outcome.seed;
    row.fingerprint = outcome.fingerprint;
    row[Count::events] = static_cast<std::int64_t>(outcome.events);
    row[Count::end_us] = outcome.end.micros;
    add_streams(row, outcome.ledger);
    add_readers(row, outcome.ledger);
    add_partitions(row, outcome);
    add_latencies(row, outcome.ledger);
    row[Count::replicated_bytes] = outcome.ledger.replicated_bytes;
    for (const kafka::Guarantee& guarantee : outcome.guarantees)
        if (guarantee.state == kafka::GuaranteeState::violated) row.violated.push_back(guarantee.name);
    if (!asks_expectations || outcome.scenario.expectations.empty()) return row;
    std::vector<std::string> problems;
    const kafka::Json verdict = verdict_of(outcome, problems);
    for (const kafka::Json& expectation : verdict["expectations"])
        if (!expectation["held"].get<bool>())
            row.unmet.push_back(expectation["that"].get<std::string>() + " " +
                                expectation["wanted"].get<std::string>());
    return row;
}

std::string lines_of(const std::vector<std::string>& names) {
    std::string lines;
    for (const std::string& name : names)
        lines += name + "\n";
    return lines;
}

std::vector<std::string> names_of(const std::string& lines) {
    std::vector<std::string> names;
    for (std::size_t from = 0; from < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', from), lines.size());
        names.push_back(lines.substr(from, end - from));
        from = end + 1;
    }
    return names;
}

} // namespace highwater
