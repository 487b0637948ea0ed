#pragma once
// A scenario file, read: what to run, what to expect, and every setting with its source.

#include "models/scenario/problems.hpp"
#include "models/scenario/source.hpp"
#include "models/settings/resolve.hpp"
#include "models/turn/configuration.hpp"

#include <memory>
#include <optional>
#include <span>

namespace kafka {

/// One line of "expect": a path into the verdict, and what it should say.
struct Expectation {
    enum class Comparison : std::uint8_t { is, at_least, at_most } comparison = Comparison::is;
    std::string that;
    Json value;
    std::optional<sim::SimTime> at; // for partitions.*.leader, leader_epoch, isr, elr
    std::string pointer;
};

/// A scenario with two sides: what a release does, and what the release does that mended it.
struct Pair {
    Release affected{};    // the file's own
    Release fixed{};       // from here on it is mended
    bool is_fixed = false; // the side of the release in force, whose expectations count
};

/// Settings of one producer, consumer, topic or broker, for `highwater show`.
struct EffectiveGroup {
    std::string title;
    std::vector<EffectiveSetting> settings;
};

struct Scenario {
    std::string file;
    std::string name;
    std::string story;
    std::string source;
    std::string preset; // its name; empty = none
    std::shared_ptr<const Configuration> configuration;
    std::vector<Expectation> expectations;
    std::vector<std::string> warnings;
    std::vector<EffectiveGroup> effective;
    std::int64_t seeds = 1;
    std::uint64_t seed = 1; // of a run for which nobody names one
    std::optional<Pair> pair{};
};

/// `-X key=value`.
struct Override {
    std::string key;
    std::string value;
};

struct Preset;

struct ReadResult {
    std::optional<Scenario> scenario; // only without problems
    std::vector<InputProblem> problems;
};

/// Reads a scenario, with a preset's settings above its own when one is given. All problems at once; nothing
/// is thrown.
ReadResult read_scenario(std::string_view text, const std::string& file, std::span<const Override> overrides,
                         const SettingTables& tables, const Preset* preset = nullptr);

/// The JSON Schema (draft-07) of scenario files.
std::string_view scenario_schema();

} // namespace kafka
