#include "tests/fuzz/targets.hpp"

#include "models/scenario/scenario.hpp"
#include "models/settings/properties.hpp"

#include "tools/highwater/trace/read.hpp"

#include <exception>

namespace fuzz {

using namespace kafka;

std::string scenario(std::string_view bytes) {
    static const SettingTables tables;
    try {
        const ReadResult result = read_scenario(bytes, "input.json", {}, tables);
        if (result.scenario && !result.problems.empty()) return "accepted, and problems all the same";
        if (!result.scenario && result.problems.empty()) return "rejected without a reason";
        for (const InputProblem& problem : result.problems) {
            if (problem.message.empty()) return "a problem without a reason at " + problem.pointer;
            if (problem.line < 1) return "a problem without a line: " + format(problem);
            if (!problem.pointer.empty() && problem.pointer.front() != '/')
                return "no JSON pointer: " + problem.pointer;
        }
        if (result.scenario && result.scenario->configuration->partitions.empty())
            return "accepted without topics";
    } catch (const std::exception& error) {
        return std::string("an exception leaves the reader: ") + error.what();
    }
    return "";
}

std::string properties(std::string_view bytes) {
    try {
        const PropertiesFile file = parse_properties(bytes);
        if (file.values.size() != file.lines.size()) return "a value without a line";
        for (const PropertiesProblem& problem : file.problems)
            if (problem.message.empty() || problem.line < 1) return "a problem without a reason or a line";
    } catch (const std::exception& error) {
        return std::string("an exception leaves the reader: ") + error.what();
    }
    return "";
}

std::string trace(std::string_view bytes) {
    try {
        const highwater::ReadTrace read = highwater::read_trace(bytes);
        for (const highwater::TraceProblem& problem : read.problems)
            if (problem.message.empty() || problem.line < 1) return "a problem without a reason or a line";
        const std::string written = highwater::render(read.entries, read.names);
        if (read.entries.empty() != written.empty()) return "what was read cannot be written";
    } catch (const std::exception& error) {
        return std::string("an exception leaves the reader: ") + error.what();
    }
    return "";
}

} // namespace fuzz
