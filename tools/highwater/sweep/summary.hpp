#pragma once
// All seeds of a sweep added up, one row at a time.

#include "tools/highwater/study/histogram.hpp"
#include "tools/highwater/sweep/about.hpp"
#include "tools/highwater/sweep/file.hpp"
#include "tools/highwater/sweep/row.hpp"

#include <array>
#include <map>

namespace highwater {

/// What can befall records; a seed "has" it when its count is above zero.
struct OutcomeKind {
    Count count;
    const char* words;
};
constexpr OutcomeKind outcome_kinds[] = {
    {Count::lost, "acknowledged and lost"},
    {Count::unavailable, "no leader at the end"},
    {Count::duplicated, "duplicated"},
    {Count::reordered, "reordered"},
    {Count::failed, "refused"},
    {Count::written_though_failed, "refused, yet written"},
    {Count::unread, "never read"},
    {Count::skipped, "skipped by a consumer"},
    {Count::reread, "read again"},
    {Count::lost_to_consumers, "lost to a group"},
    {Count::consumer_duplicates, "processed again"},
};
constexpr std::size_t outcome_kind_count = std::size(outcome_kinds);

/// Seeds with one outcome. Shape: `worst` holds at most five, by count downwards, then by seed.
struct OutcomeTotal {
    std::int64_t seeds = 0;
    std::int64_t records = 0;
    std::vector<std::pair<std::int64_t, std::uint64_t>> worst; // count, seed
    void add(std::int64_t count, std::uint64_t seed);
};

/// Seeds in which something named did not hold.
struct Unheld {
    std::int64_t seeds = 0;
    std::uint64_t first_seed = 0;
};

struct SweepSummary {
    SweepAbout about;
    std::uint64_t first = 1, last = 1; // what was asked
    std::int64_t wanted = 0;           // seeds, of this shard
    std::int64_t done = 0;
    std::int64_t without_acknowledgement = 0; // seeds
    std::array<std::int64_t, count_count> totals{};
    std::array<OutcomeTotal, outcome_kind_count> outcomes;
    std::map<std::string, Unheld> violated, unmet;
    Histogram ack_p50, ack_p99; // of the seeds' own quantiles
    std::string digest;         // over all rows, in order of seeds

    std::int64_t total(Count count) const { return totals[static_cast<std::size_t>(count)]; }
    bool complete() const { return done == wanted; }
};

/// Reads the rows of [first, last]: memory does not grow with their number.
/// Shape: the digest covers seed, fingerprint and everything counted, and nothing else: not who ran a seed,
/// nor
///        where, nor when.
SweepSummary summarise(const SweepFile& file, const SweepAbout& about, std::uint64_t first,
                       std::uint64_t last, const std::function<bool(std::uint64_t)>& takes);

/// The command that runs one seed of it again.
std::string repeat_of(const SweepAbout& about, std::uint64_t seed);

/// highwater.sweep/1, without rows.
kafka::Json json_of(const SweepSummary& summary);
kafka::Json json_of(const SweepRow& row);
std::string text_of(const SweepSummary& summary, bool colour);
/// A table of rows: its head, and a line each.
std::string rows_head();
std::string row_text(const SweepRow& row);

} // namespace highwater
