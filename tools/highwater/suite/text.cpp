#include "tools/highwater/suite/text.hpp"

#include "tools/highwater/names.hpp"

#include <fmt/format.h>
#include <set>

namespace highwater {

namespace {

constexpr const char* red = "31";
constexpr const char* green = "32";

std::string paint(bool on, const char* code, const std::string& text) {
    return on ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

const char* label(TestState state) {
    switch (state) {
    case TestState::passed:
        return "ok    ";
    case TestState::failed:
        return "FAILED";
    case TestState::not_reproducible:
        return "DRIFTS";
    case TestState::bad_input:
        return "BROKEN";
    case TestState::bug:
        return "BUG   ";
    }
    return "";
}

std::string indented(const std::string& text, const char* indent) {
    std::string out = indent;
    for (const char c : text) {
        out += c;
        if (c == '\n') out += indent;
    }
    return out + "\n";
}

} // namespace

std::string explanation(const Check& check) {
    if (check.kind == Check::Kind::golden)
        return fmt::format("{} {}\n  golden {}\n  now    {}\n  --update accepts the trace of now", check.name,
                           check.because, check.wanted, check.got);
    if (check.kind == Check::Kind::determinism)
        return fmt::format("{}\n  first  {}\n  again  {}", check.because, check.wanted, check.got);
    const std::string because = check.because.empty() ? "" : "\n" + check.because;
    return fmt::format("{}: wanted {}, got {}{}", check.name, check.wanted, check.got, because);
}

std::string seeds_text(const CheckSummary& summary) {
    constexpr std::size_t shown = 5;
    std::string text = summary.failures == 1 ? "seed " : "seeds ";
    for (std::size_t i = 0; i < summary.failed_seeds.size() && i < shown; ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(summary.failed_seeds[i]);
    if (summary.failures > shown) text += fmt::format(" and {} more", summary.failures - shown);
    return text;
}

std::string text_of(const ScenarioResult& result, bool colour, bool timed) {
    const bool passed = result.state == TestState::passed;
    const std::string seeds = result.seeds > 1 ? fmt::format("{} seeds", result.seeds) : "";
    const std::string what = result.release.empty() ? result.file : result.file + " under " + result.release;
    std::string out = fmt::format("{} {:<56} {:>10}",
                                  paint(colour, passed ? green : red, label(result.state)), what, seeds);
    if (timed) out += fmt::format(" {:>10}", time_text(result.took.count()));
    out += "\n";
    std::set<std::string> told; // the same bug under another seed says nothing new
    for (const std::string& error : result.errors)
        if (told.insert(error).second && told.size() <= 5) out += indented(error, "         ");
    for (const CheckSummary& summary : result.checks) {
        if (summary.failures == 0) continue;
        const std::string of_seeds = result.seeds > 1 ? " under " + seeds_text(summary) : "";
        out += indented(fmt::format("{} failed{}: {}", word(summary.example.kind), of_seeds,
                                    explanation(summary.example)),
                        "         ");
        out += "           repeat: " + summary.repeat + "\n";
    }
    if (!result.golden_written.empty()) out += "         wrote " + result.golden_written + "\n";
    return out;
}

std::string summary_of(const SuiteResult& result) {
    std::size_t counts[5] = {};
    for (const ScenarioResult& one : result.scenarios)
        ++counts[static_cast<std::size_t>(one.state)];
    const auto count = [&](TestState state) { return counts[static_cast<std::size_t>(state)]; };
    std::string text =
        fmt::format("{} passed, {} failed", count(TestState::passed), count(TestState::failed));
    if (count(TestState::not_reproducible) > 0)
        text += fmt::format(", {} not reproducible", count(TestState::not_reproducible));
    if (count(TestState::bad_input) > 0) text += fmt::format(", {} broken", count(TestState::bad_input));
    if (count(TestState::bug) > 0)
        text += fmt::format(", {} met a bug in the simulator", count(TestState::bug));
    return text + "\n";
}

} // namespace highwater
