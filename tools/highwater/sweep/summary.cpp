#include "tools/highwater/sweep/summary.hpp"

#include "sim/core/hash.hpp"
#include "tools/highwater/repeat.hpp"

#include <algorithm>

namespace highwater {

namespace {

constexpr std::size_t most_worst = 5;

void add_to(std::map<std::string, Unheld>& all, const std::vector<std::string>& names, std::uint64_t seed) {
    for (const std::string& name : names) {
        Unheld& one = all[name];
        if (one.seeds == 0) one.first_seed = seed;
        one.seeds += 1;
    }
}

void add_row(sim::Hash& hash, const SweepRow& row) {
    const auto text = [&](const std::string& words) {
        hash.add(words.size());
        hash.add_bytes(words.data(), words.size());
    };
    hash.add(row.seed);
    text(row.fingerprint);
    for (const std::int64_t count : row.counts)
        hash.add(count);
    text(lines_of(row.violated));
    text(lines_of(row.unmet));
}

} // namespace

void OutcomeTotal::add(std::int64_t count, std::uint64_t seed) {
    if (count == 0) return;
    seeds += 1;
    records += count;
    const auto worse = [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    };
    const std::pair<std::int64_t, std::uint64_t> mine{count, seed};
    worst.insert(std::upper_bound(worst.begin(), worst.end(), mine, worse), mine);
    if (worst.size() > most_worst) worst.pop_back();
}

SweepSummary summarise(const SweepFile& file, const SweepAbout& about, std::uint64_t first,
                       std::uint64_t last, const std::function<bool(std::uint64_t)>& takes) {
    SweepSummary summary;
    summary.about = about;
    summary.first = first;
    summary.last = last;
    for (std::uint64_t seed = first; seed <= last; ++seed)
        summary.wanted += takes(seed - first) ? 1 : 0;
    sim::Hash hash;
    file.each(first, last, [&](const SweepRow& row) {
        if (!takes(row.seed - first)) return;
        summary.done += 1;
        for (std::size_t i = 0; i < count_count; ++i)
            summary.totals[i] += row.counts[i];
        for (std::size_t i = 0; i < outcome_kind_count; ++i)
            summary.outcomes[i].add(row[outcome_kinds[i].count], row.seed);
        add_to(summary.violated, row.violated, row.seed);
        add_to(summary.unmet, row.unmet, row.seed);
        if (row[Count::ack_p50_us] >= 0) {
            summary.ack_p50.add(row[Count::ack_p50_us], 1);
            summary.ack_p99.add(row[Count::ack_p99_us], 1);
        } else {
            summary.without_acknowledgement += 1;
        }
        add_row(hash, row);
    });
    summary.digest = sim::to_hex(hash.digest());
    return summary;
}

std::string repeat_of(const SweepAbout& about, std::uint64_t seed) {
    return repeat_command(about.file, seed, about.changes);
}

} // namespace highwater
