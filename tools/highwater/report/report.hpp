#pragma once
// One HTML file that shows a result: no network, nothing beside it.

#include "tools/highwater/verdict/outcome.hpp"

#include <string>

namespace highwater {

/// A record whose way is told: the n-th of a stream.
struct ChosenRecord {
    kafka::StreamIndex stream;
    std::int64_t value = 0;
};
/// "shop:17" or "shop/2:17", as verdicts name it.
std::optional<ChosenRecord> find_record(const kafka::Configuration& configuration, const std::string& name);

/// What a page shows of a run, beside its verdict: lanes, clients, series, biographies of lost records and of
/// those that were chosen. `entries` are all facts of the run. Shape: "run" of highwater.report/1.
kafka::Json picture_of(const Outcome& outcome, std::span<const TraceEntry> entries,
                       const std::vector<ChosenRecord>& chosen);

/// The pieces of "run", each with its own file. `notices` gets what was left out.
kafka::Json partition_lanes(const Outcome& outcome, std::span<const TraceEntry> entries,
                            std::vector<std::string>& notices);
kafka::Json broker_lives(const kafka::Configuration& configuration, std::span<const TraceEntry> entries);
kafka::Json fault_spans(const Outcome& outcome, std::span<const TraceEntry> entries);
kafka::Json producer_lanes(const kafka::Configuration& configuration, std::span<const TraceEntry> entries,
                           std::vector<std::string>& notices);
kafka::Json consumer_lanes(const kafka::Configuration& configuration, std::span<const TraceEntry> entries,
                           std::vector<std::string>& notices);
kafka::Json series_of(const kafka::Configuration& configuration, std::span<const TraceEntry> entries,
                      std::vector<std::string>& notices);
kafka::Json biographies(const Outcome& outcome, std::span<const TraceEntry> entries,
                        const std::vector<ChosenRecord>& chosen, std::vector<std::string>& notices);

/// highwater.report/1 as a page. Shape: `data` has "verdict" with or without "run", or "comparison".
std::string page_of(const kafka::Json& data, const std::string& title);

} // namespace highwater
