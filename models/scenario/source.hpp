#pragma once
// The text of a scenario as JSON, with the line of every key and the problems that JSON itself has.

#include "models/scenario/problems.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

namespace kafka {

using Json = nlohmann::ordered_json;

/// A parsed file. Shape: `root` is null when the text is not JSON.
struct Source {
    std::string file;
    Json root;
    std::map<std::string, int> lines; // by JSON pointer
    std::vector<InputProblem> problems;

    int line_of(const std::string& pointer) const;
};

/// Parses JSON with comments. Duplicate keys, nesting above 64 and files above 16 MiB are problems.
Source parse_source(std::string_view text, const std::string& file);

} // namespace kafka
