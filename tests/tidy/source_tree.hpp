#pragma once
// The project's sources as the tidy tests read them.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

struct SourceFile {
    std::string path; // relative to the root
    std::string text;
};

inline std::vector<SourceFile> source_files() {
    const std::filesystem::path root = HIGHWATER_SOURCE_DIR;
    std::vector<SourceFile> files;
    for (const char* top : {"sim", "models", "tools", "tests"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".hpp" && extension != ".cpp") continue;
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            files.push_back({std::filesystem::relative(entry.path(), root).generic_string(), text.str()});
        }
    return files;
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}
