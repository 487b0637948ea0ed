#include "tools/highwater/suite/annotations.hpp"

#include "tools/highwater/suite/text.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

std::string escaped(const std::string& text, bool property) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            out += fmt::format("%{:02X}", static_cast<int>(c));
        else
            out += c;
    }
    return out;
}

std::string annotation(const std::string& file, int line, const std::string& title,
                       const std::string& message) {
    const std::string place = line > 0 ? fmt::format(",line={}", line) : "";
    return fmt::format("::error file={}{},title={}::{}\n", escaped(file, true), place, escaped(title, true),
                       escaped(message, false));
}

} // namespace

std::string github_annotations(const ScenarioResult& result) {
    std::string out;
    for (const kafka::InputProblem& problem : result.problems)
        out += annotation(result.file, problem.line, result.name, format(problem));
    if (result.problems.empty() && !result.errors.empty())
        out += annotation(result.file, 0, result.name, result.errors.front());
    for (const CheckSummary& summary : result.checks) {
        if (summary.failures == 0) continue;
        const std::string title = result.name + ", " + seeds_text(summary);
        out += annotation(result.file, line_of(result.file, summary.example.pointer), title,
                          std::string(word(summary.example.kind)) +
                              " failed: " + explanation(summary.example) + "\nrepeat: " + summary.repeat);
    }
    return out;
}

} // namespace highwater
