// Words that break determinism, and sizes that hide ideas (style.md, sections 1 and 4).

#include "tests/tidy/source_tree.hpp"

#include <doctest/doctest.h>

#include <regex>

namespace {

bool is_core(const std::string& path) { return path.rfind("sim/", 0) == 0 || path.rfind("models/", 0) == 0; }

std::string without_comments_and_text(const std::string& line) {
    std::string code;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (!quoted && line.compare(i, 2, "//") == 0) break;
        if (line[i] == '"' && (i == 0 || line[i - 1] != '\\'))
            quoted = !quoted;
        else if (!quoted)
            code += line[i];
    }
    return code;
}

/// Complaint about one line of sim/ or models/, or nothing.
std::string banned(const std::string& path, const std::string& line) {
    static const std::regex words("\\b(unordered_(map|set|multimap)|random_device|mt19937|thread_local|float|"
                                  "double|system_clock|steady_clock|"
                                  "high_resolution_clock|uniform_\\w+_distribution|normal_distribution|sleep_"
                                  "for|rand|mutable_global)\\b|"
                                  "std::(chrono|shuffle|hash)\\b|%p");
    static const std::regex local_static("^\\s+static\\s+(?!constexpr|inline|_)(?!.*\\()");
    static const std::regex release("\\bRelease::v\\d");
    static const std::regex bad_noun("\\b(class|struct)\\s+\\w*(Manager|Helper|Util|Impl|Base)\\b");
    const std::string code = without_comments_and_text(line);
    if (std::regex_search(code, words)) return path + ": banned word in: " + line;
    if (std::regex_search(code, local_static)) return path + ": static local in: " + line;
    if (std::regex_search(code, bad_noun)) return path + ": a noun that says nothing in: " + line;
    const bool may_compare = path.rfind("models/dialect/", 0) == 0 || path.rfind("models/settings/", 0) == 0;
    const bool in_scenario = path.rfind("models/scenario/", 0) == 0; // reading a release is its business
    if (!may_compare && !in_scenario && std::regex_search(code, release))
        return path + ": releases are compared in models/dialect only: " + line;
    return "";
}

/// Longest function body in lines, by braces: a line that opens a block at namespace depth and ends it.
std::size_t longest_function(const std::string& text) {
    std::size_t longest = 0;
    std::size_t start = 0;
    int depth = 0;
    int body = -1;
    std::size_t number = 0;
    for (const std::string& line : lines_of(text)) {
        ++number;
        const std::string code = without_comments_and_text(line);
        const bool scope = code.find("namespace") != std::string::npos || code.find("struct ") == 0 ||
                           code.find("class ") == 0 || code.find("enum ") == 0 || code.find("template") == 0;
        for (const char c : code) {
            if (c == '{') {
                if (body < 0 && !scope && code.find(')') != std::string::npos) {
                    body = depth;
                    start = number;
                }
                ++depth;
            }
            if (c == '}') {
                --depth;
                if (depth == body) {
                    longest = std::max(longest, number - start + 1);
                    body = -1;
                }
            }
        }
    }
    return longest;
}

} // namespace

TEST_CASE("style: no banned words in sim and models") {
    for (const SourceFile& file : source_files()) {
        if (!is_core(file.path)) continue;
        for (const std::string& line : lines_of(file.text)) {
            const std::string wrong = banned(file.path, line);
            CHECK_MESSAGE(wrong.empty(), wrong);
        }
    }
}

TEST_CASE("style: files, functions and lines stay short") {
    for (const SourceFile& file : source_files()) {
        const std::vector<std::string> lines = lines_of(file.text);
        CHECK_MESSAGE(lines.size() <= 500, file.path << " has " << lines.size() << " lines");
        CHECK_MESSAGE(longest_function(file.text) <= 70,
                      file.path << " has a function of " << longest_function(file.text) << " lines");
        for (const std::string& line : lines) {
            CHECK_MESSAGE(line.size() <= 110, file.path << ": " << line);
            CHECK_MESSAGE(line.find('\t') == std::string::npos, file.path << ": tab");
            CHECK_MESSAGE(line.find(std::string("FIX") + "ME") == std::string::npos,
                          file.path << ": unfinished work");
        }
        const bool header = file.path.substr(file.path.size() - 4) == ".hpp";
        if (header) CHECK_MESSAGE(lines.front() == "#pragma once", file.path);
    }
}

TEST_CASE("style: each rule turns red") {
    CHECK(!banned("sim/x.cpp", "std::unordered_map<int, int> m;").empty());
    CHECK(!banned("sim/x.cpp", "    double share = 0;").empty());
    CHECK(!banned("sim/x.cpp", "    static std::vector<int> cache;").empty());
    CHECK(!banned("models/log/x.cpp", "if (release < Release::v2_0) return;").empty());
    CHECK(!banned("models/log/x.cpp", "struct LogManager {").empty());
    CHECK(!banned("models/log/x.cpp", "auto now = std::chrono::system_clock::now();").empty());
    CHECK(banned("models/log/x.cpp", "// a double entry, in words").empty());
    std::string body = "void f() {\n";
    for (int i = 0; i < 80; ++i)
        body += "    g();\n";
    CHECK(longest_function(body + "}\n") == 82);
}
