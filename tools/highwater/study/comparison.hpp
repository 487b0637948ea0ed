#pragma once
// The same seeds under several presets: what each did, and how each differs from the first.

#include "tools/highwater/study/histogram.hpp"
#include "tools/highwater/study/intervals.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace highwater {

/// What is compared as a mean over seeds, one number a run.
enum class Measure : std::size_t {
    lost,              // records for each million sent
    duplicated,        // likewise
    reordered,         // likewise
    refused,           // likewise: failed with an exception
    write_unavailable, // microseconds, mean over partitions
    replicated_bytes,  // between brokers
};
constexpr std::size_t measure_count = 6;

/// What a comparison keeps of one run.
struct RunFigures {
    std::uint64_t seed = 0;
    std::int64_t sent = 0, acknowledged = 0, failed = 0, unknown = 0;
    std::int64_t lost = 0, unavailable = 0, duplicated = 0, reordered = 0;
    std::int64_t write_unavailable = 0; // microseconds, over all partitions
    std::int64_t partitions = 1;
    std::int64_t replicated_bytes = 0;
    Histogram latencies;
    std::int64_t p50 = -1, p99 = -1;   // exact, of this run; -1 without acknowledgements
    std::vector<std::string> violated; // names of guarantees
    std::uint64_t events = 0;

    double measure(Measure measure) const;
};
RunFigures figures_of(const Outcome& outcome);

/// A guarantee that the simulated cluster broke against its configuration.
struct Violation {
    std::int64_t seeds = 0;
    std::uint64_t first_seed = 0;
};

/// All runs of one preset, added up.
struct PresetFigures {
    std::string name;
    std::string story;
    std::string release;
    std::vector<std::string> warnings;
    std::int64_t runs = 0, runs_with_loss = 0, runs_without_leader = 0;
    RunFigures total;                           // counts over all runs; its latencies are merged
    std::vector<std::uint64_t> seeds_with_loss; // the first twenty
    std::map<std::string, Violation> violations;
    // against the first preset, over seeds
    std::int64_t only_this_lost = 0, only_first_lost = 0;
    std::array<PairedMean, measure_count> differences;
    std::vector<std::int64_t> p50_differences, p99_differences;
};

struct Comparison {
    std::string scenario;
    std::string file;
    std::uint64_t seed_first = 1, seed_last = 1;
    std::vector<PresetFigures> presets; // the first is what the others are compared with
    /// Adds the run of each preset under one seed, in the order of `presets`.
    void add(const std::vector<RunFigures>& of_one_seed);
    bool has_violation() const;
};

/// highwater.comparison/1.
kafka::Json json_of(Comparison& comparison);
/// The table, and the differences from the first preset. `repeat` gives the command that runs one seed of a
/// preset again.
std::string table_of(Comparison& comparison, bool colour, bool verbose,
                     const std::function<std::string(const std::string&, std::uint64_t)>& repeat);

} // namespace highwater
