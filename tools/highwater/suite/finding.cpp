#include "tools/highwater/suite/finding.hpp"

#include "models/scenario/source.hpp"
#include "tools/highwater/files.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace highwater {

namespace {

namespace fs = std::filesystem;

/// The *.json files below `folder`, sorted.
std::vector<std::string> files_below(const fs::path& folder, std::vector<std::string>& problems) {
    std::vector<std::string> files;
    std::error_code error;
    fs::recursive_directory_iterator at(folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        const bool hidden = at->path().filename().generic_string().rfind('.', 0) == 0;
        std::error_code ignored; // a file that vanishes meanwhile is no file
        if (at->is_directory(ignored)) {
            if (hidden) at.disable_recursion_pending();
            continue;
        }
        if (!hidden && at->path().extension() == ".json" && at->is_regular_file(ignored))
            files.push_back(at->path().lexically_normal().generic_string());
    }
    if (error) problems.push_back(folder.generic_string() + ": " + error.message());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

std::string passed_over_because(const std::string& text) {
    const kafka::Json root = kafka::Json::parse(text, nullptr, false, true);
    if (!root.is_object()) return "";
    if (root.contains("format") && root["format"].is_string()) {
        const std::string format = root["format"].get<std::string>();
        if (format.rfind("highwater.", 0) == 0 && format.rfind("highwater.scenario/", 0) != 0)
            return "its format is " + format;
    }
    if (root.contains("experiment") && !root.contains("topics"))
        return "it holds measurements (\"experiment\")";
    return "";
}

Findings find_scenarios(const std::vector<std::string>& paths) {
    Findings findings;
    std::set<std::string> seen;
    for (const std::string& path : paths) {
        std::error_code error;
        const bool folder = fs::is_directory(path, error);
        const fs::path normal = fs::path(path).lexically_normal();
        const std::vector<std::string> files = folder ? files_below(normal, findings.problems)
                                                      : std::vector<std::string>{normal.generic_string()};
        for (const std::string& file : files) {
            const fs::path canonical = file == "-" ? fs::path("-") : fs::weakly_canonical(file, error);
            if (!seen.insert(canonical.generic_string()).second) continue;
            FoundFile found{file, "", !folder};
            if (!read_text(file, found.text)) {
                findings.problems.push_back(file + ": cannot be read");
                continue;
            }
            const std::string why = passed_over_because(found.text);
            if (why.empty())
                findings.files.push_back(std::move(found));
            else
                findings.passed_over.push_back({file, why});
        }
    }
    return findings;
}

} // namespace highwater
