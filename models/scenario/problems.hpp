#pragma once
// What is wrong with an input, with its exact place.

#include <string>
#include <vector>

namespace kafka {

/// One thing that is wrong. Shape: `line` from 1, 0 when it is not in the file (an override).
struct InputProblem {
    std::string file;
    int line = 0;
    std::string pointer; // JSON pointer, or "-X key"
    std::string message; // "expected ..., got ..." or "unknown key; did you mean ...?"
    bool operator==(const InputProblem&) const = default;
};

/// "scenarios/x.json:12: /faults/2/at: expected a duration such as "1500ms", got "soon"".
std::string format(const InputProblem& problem);

} // namespace kafka
