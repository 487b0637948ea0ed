#pragma once
// The same seeds under several presets: what each did, and how each differs from the others.

#include "tools/highwater/study/figures.hpp"
#include "tools/highwater/study/sequential.hpp"

#include <functional>
#include <map>

namespace highwater {

/// A guarantee that the simulated cluster broke against its configuration.
struct Violation {
    std::int64_t seeds = 0;
    std::uint64_t first_seed = 0;
};

/// What pairs of runs are made of: one run without its histograms.
struct RunRow {
    bool lost = false;
    std::array<double, measure_count> measures{};
    std::array<std::int64_t, latency_count> quantiles{};
};

/// All runs of one preset, added up.
struct PresetFigures {
    std::string name;
    std::string release;
    std::vector<std::pair<std::string, std::string>> settings; // that --vary gave it
    std::vector<std::string> warnings;
    std::int64_t runs = 0, runs_with_loss = 0, runs_without_leader = 0;
    RunFigures total;                           // counts over all runs; its latencies are merged
    std::vector<std::uint64_t> seeds_with_loss; // the first twenty
    std::map<std::string, Violation> violations;
    std::vector<RunRow> rows;                             // in order of seeds
    std::int64_t only_this_lost = 0, only_first_lost = 0; // seeds, against the first preset
};

/// How one preset differs from another, seed by seed: one less the other.
struct Differences {
    std::int64_t runs = 0, only_this_lost = 0, only_other_lost = 0;
    Interval lost; // of the share of seeds that lost
    std::array<PairedMean, measure_count> measures;
    std::array<MedianInterval, latency_count> latencies;
};

struct Comparison {
    std::string scenario;
    std::vector<std::string> circumstances; // what the scenario puts the cluster through
    std::uint64_t seed_first = 1, seed_last = 1;
    std::vector<PresetFigures> presets; // the first is what the others are compared with
    double bound = 0.01;                // differences of the losing share below it are none
    bool until_decided = false;         // intervals and decisions of losses hold whenever one stops

    /// Adds the run of each preset under one seed, in the order of `presets`.
    void add(const std::vector<RunFigures>& of_one_seed);
    bool has_violation() const;
    /// Chance of a wrong word about any of the presets, when one stops as decided.
    double alpha_each() const;
    Differences differences(const PresetFigures& one, const PresetFigures& other) const;
    /// Whether `preset` loses more often than the first.
    Decision decision(const PresetFigures& preset) const;
    /// Whether every preset is decided.
    bool is_decided() const;
};

/// A preset that another beats: no column of which it is significantly better, at least one of which it is
/// significantly worse, by the paired tests of the differences.
struct Beaten {
    std::string preset;
    std::string by;
    std::vector<std::string> worse; // columns
};
/// Every pair of presets of which one beats the other, in the order of presets. Nobody beats anybody as long
/// as there are too few seeds for an interval.
std::vector<Beaten> beaten_presets(const Comparison& comparison);

using RepeatCommand = std::function<std::string(const std::string& preset, std::uint64_t seed)>;
/// highwater.comparison/1. `repeat` gives the command that runs one seed of a preset again; it may be empty.
kafka::Json json_of(const Comparison& comparison, const RepeatCommand& repeat = {});
/// The tables, and the differences from the first preset.
std::string table_of(const Comparison& comparison, bool colour, bool verbose, const RepeatCommand& repeat);

} // namespace highwater
