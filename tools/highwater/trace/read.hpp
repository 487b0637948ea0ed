#pragma once
// A written trace, back as facts.

#include "tools/highwater/trace/trace.hpp"

#include <deque>

namespace highwater {

/// What is wrong with a line. Shape: `line` from 1; `pointer` is "/key" or empty for the whole line.
struct TraceProblem {
    int line = 0;
    std::string pointer;
    std::string message;
};

/// Facts, and the names that they use as far as the trace tells them: brokers in order of their ids,
/// partitions, producers, consumers and faults in order of appearance. Settings are not in a trace and not
/// here. Shape: render(entries, names) gives the bytes that were read. Texts of Ignored live in `texts`.
struct ReadTrace {
    kafka::Configuration names;
    std::vector<TraceEntry> entries;
    std::deque<std::string> texts;
    std::vector<TraceProblem> problems; // up to a hundred
};

/// Reads the lines of `highwater run --trace`. What is not a fact of this version is a problem.
/// Error: lines of more than 64 KiB, more than 64 brokers, numbers out of their type.
ReadTrace read_trace(std::string_view text);

} // namespace highwater
