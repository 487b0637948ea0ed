#pragma once
// Presets, and every combination of settings, as the columns of a comparison.

#include "models/scenario/preset.hpp"

#include <string>
#include <utility>
#include <vector>

namespace highwater {

/// What one place of a comparison changes in the scenario.
struct Variation {
    std::string name;                                          // "fast", "acks=1 min.insync.replicas=2"
    const kafka::Preset* preset = nullptr;                     // may be none
    std::vector<std::pair<std::string, std::string>> settings; // as -X takes them; stronger than the preset
};

constexpr std::size_t most_variations = 64;

/// Every preset with every combination of the values of `vary` ("acks=1,all"), the last setting changing
/// fastest. Without presets the scenario's own settings are what is varied.
/// Error:  `problem` says what is wrong, and the result is empty.
std::vector<Variation> variations_of(const std::vector<kafka::Preset>& presets,
                                     const std::vector<std::string>& vary, std::string& problem);

} // namespace highwater
