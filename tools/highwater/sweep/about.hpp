#pragma once
// What a sweep's results are results of: two files belong together when this agrees.

#include "models/scenario/scenario.hpp"

#include <string>
#include <utility>
#include <vector>

namespace highwater {

struct SweepAbout {
    std::string scenario;                        // its name
    std::string release;                         // of the cluster
    std::string file;                            // as it was given
    std::vector<std::string> changes;            // options that change the scenario, as they were typed
    std::vector<std::string> circumstances;      // faults and weather, a line each
    std::string scenario_digest;                 // of the file's JSON: comments and spaces do not count
    std::string settings_digest;                 // of every effective setting, and of what -X says
    std::string build;                           // digest of the program's sources
    std::uint64_t seed_first = 1, seed_last = 1; // asked for, over all shards
};

SweepAbout about_sweep(const kafka::Scenario& scenario, const std::string& text,
                       const std::vector<kafka::Override>& overrides,
                       const std::vector<std::string>& changes);

/// Why results of `other` do not belong to `mine`; empty = they do.
std::string difference(const SweepAbout& mine, const SweepAbout& other);

/// Everything but the results as names and values, in a fixed order; and back. False when something is
/// missing.
std::vector<std::pair<std::string, std::string>> fields_of(const SweepAbout& about);
bool read_fields(const std::vector<std::pair<std::string, std::string>>& fields, SweepAbout& about);

} // namespace highwater
