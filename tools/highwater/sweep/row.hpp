#pragma once
// What a sweep keeps of one seed: numbers, and the names of what did not hold.

#include "tools/highwater/verdict/outcome.hpp"

#include <array>
#include <string>
#include <vector>

namespace highwater {

/// What is counted of each seed; lengths of time end in _us. Names of columns and JSON keys follow the order.
enum class Count : std::size_t {
    events,
    end_us,
    sent,
    acknowledged,
    failed,
    unknown,
    lost,
    unavailable,
    duplicated,
    reordered,
    written_though_failed,
    unread,
    skipped,
    reread,
    lost_to_consumers,
    consumer_duplicates,
    partitions,
    write_unavailable_us,
    write_unavailable_longest_us,
    read_unavailable_us,
    read_unavailable_longest_us,
    ack_p50_us, // -1 without acknowledgements
    ack_p99_us,
    ack_max_us,
    replicated_bytes,
    unclean_elections,
};
constexpr const char* count_names[] = {"events",
                                       "end_us",
                                       "sent",
                                       "acknowledged",
                                       "failed",
                                       "unknown",
                                       "lost",
                                       "unavailable",
                                       "duplicated",
                                       "reordered",
                                       "written_though_failed",
                                       "unread",
                                       "skipped",
                                       "reread",
                                       "lost_to_consumers",
                                       "consumer_duplicates",
                                       "partitions",
                                       "write_unavailable_us",
                                       "write_unavailable_longest_us",
                                       "read_unavailable_us",
                                       "read_unavailable_longest_us",
                                       "ack_p50_us",
                                       "ack_p99_us",
                                       "ack_max_us",
                                       "replicated_bytes",
                                       "unclean_elections"};
constexpr std::size_t count_count = std::size(count_names);

struct SweepRow {
    std::uint64_t seed = 0;
    std::string fingerprint; // of the verdict
    std::array<std::int64_t, count_count> counts{};
    std::vector<std::string> violated; // names of guarantees
    std::vector<std::string> unmet;    // expectations of the file that did not hold: their "that"
    std::int64_t& operator[](Count count) { return counts[static_cast<std::size_t>(count)]; }
    std::int64_t operator[](Count count) const { return counts[static_cast<std::size_t>(count)]; }
    bool operator==(const SweepRow&) const = default;
};

/// The row of one run. Expectations are looked at when `asks_expectations`.
SweepRow row_of(const Outcome& outcome, bool asks_expectations);

/// One line each, as they stand in the file; names hold no line breaks.
std::string lines_of(const std::vector<std::string>& names);
std::vector<std::string> names_of(const std::string& lines);

} // namespace highwater
