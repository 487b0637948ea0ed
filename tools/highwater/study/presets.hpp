#pragma once
// Finding presets: those that the program carries, those of a folder, those of a file.

#include "models/scenario/preset.hpp"

#include <string>
#include <vector>

namespace highwater {

/// Presets by the words people use for them, in the order of the words: a name, a path (with a slash or
/// ending in .json), or "all" for every preset of `folders` and of the program. Names of `folders` win over
/// the program's own. All problems go to standard error.
std::vector<kafka::Preset> find_presets(const std::vector<std::string>& words,
                                        const std::vector<std::string>& folders,
                                        const kafka::SettingTables& tables, bool& fine);

} // namespace highwater
