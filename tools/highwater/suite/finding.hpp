#pragma once
// Which files below the given paths are scenarios.

#include <string>
#include <vector>

namespace highwater {

/// A file to test. Shape: `named` when the command line names the file itself, not a folder above it.
struct FoundFile {
    std::string file;
    std::string text;
    bool named = false;
};

/// A *.json file that is something else, and why that is known.
struct PassedOver {
    std::string file;
    std::string why;
};

struct Findings {
    std::vector<FoundFile> files; // in order of the paths, each path's in order of their names, none twice
    std::vector<PassedOver> passed_over;
    std::vector<std::string> problems; // a path that is not there, a file that cannot be read
};

/// Every *.json below the folders, and the files named. Hidden folders are not entered.
Findings find_scenarios(const std::vector<std::string>& paths);

/// Why a text is no scenario; empty when it is one. Exactly two kinds are something else:
///   1. an object whose "format" names another kind of file, such as "highwater.preset/1";
///   2. an object with "experiment" and without "topics": what was measured on a real cluster.
/// Whatever else it is, and whatever is not JSON, is a scenario, if only a broken one: a typing error must
/// never make a test disappear.
std::string passed_over_because(const std::string& text);

} // namespace highwater
