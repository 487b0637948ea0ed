#pragma once
// A trace for other people's viewers and checkers.

#include "tools/highwater/trace/lines.hpp"

namespace highwater {

/// Trace Event JSON for ui.perfetto.dev: a track for each broker, partition and client, counters of offsets,
/// and an arrow for each message that facts identify. Only `from`, `until` and `partitions` of `extract`
/// count.
/// Source: Perfetto, importers/json; times are microseconds.
std::string perfetto_of(std::span<const TraceEntry> entries, const kafka::Configuration& configuration,
                        const Extract& extract);

/// A log for ShiViz: its regular expression, an empty delimiter, then two lines for each fact with the
/// vector clock of the process where it happened. What `extract` leaves out still carries causes.
std::string shiviz_of(std::span<const TraceEntry> entries, const kafka::Configuration& configuration,
                      const Extract& extract);

/// The history of the clients, one operation a line, as jepsen.tests.kafka reads it. Only `from`, `until`
/// and `partitions` of `extract` count. Source: the docstring of jepsen.tests.kafka.
std::string edn_of(std::span<const TraceEntry> entries, const kafka::Configuration& configuration,
                   const Extract& extract);

} // namespace highwater
