#pragma once
// From requirements to a configuration: search from cheap to dear, verify by simulation, say what it costs.

#include "tools/highwater/advise/candidates.hpp"
#include "tools/highwater/advise/requirements.hpp"
#include "tools/highwater/study/comparison.hpp"

#include <functional>

namespace highwater {

/// What is asked.
struct Wish {
    std::vector<Requirement> requirements;
    std::uint64_t search = 20;  // seeds, from 1 on, under which a candidate is dismissed
    std::uint64_t verify = 300; // seeds that were not searched with, under which an answer has to hold
    std::size_t threads = 1;
    std::function<void(const std::string&)> progress;
    std::function<bool()> stop; // Ctrl-C
};

/// Runs of one candidate over some seeds.
struct Trial {
    std::uint64_t first = 1;
    std::int64_t runs = 0;
    RunFigures total;                     // its latencies are merged
    std::vector<std::int64_t> broken;     // runs that broke each requirement
    std::vector<std::uint64_t> broken_by; // the first seed that did
    std::vector<std::string> seen;        // what that run showed
    std::vector<std::string> violated;    // guarantees, in any run
    bool fine(const std::vector<Requirement>& requirements, bool effects_are_idempotent) const;
};

/// A candidate that was tried, and what came of it.
struct Tried {
    std::size_t candidate = 0;
    bool verified = false; // it got as far as fresh seeds
    Trial trial;
};

struct Advice {
    bool found = false;
    bool interrupted = false;
    std::size_t candidate = 0; // the answer
    Trial verification;
    Comparison comparison;    // the scenario as it is, and the answer, over the verification's seeds
    std::vector<Tried> tried; // dismissed, in order
    /// Without an answer: requirements without which some candidate would have been fine, by index, with the
    /// first such candidate.
    std::vector<std::pair<std::size_t, std::size_t>> in_the_way;
    std::vector<std::size_t> never_met; // requirements that no candidate meets at all
};

/// The first candidate, from cheap to dear, that meets everything over `search` seeds and then over `verify`
/// seeds that nobody has seen; each candidate that is verified gets seeds of its own, so that choosing does
/// not spoil the bound.
Advice advise(const std::vector<Candidate>& candidates, const Wish& wish);

/// Everything that is printed.
struct Answer {
    std::string scenario, file;
    std::vector<std::string> circumstances;
    const Hardship* hardship = nullptr;
    const std::vector<Candidate>* candidates = nullptr;
    const Wish* wish = nullptr;
    const Advice* advice = nullptr;
    std::string command; // that runs the scenario under the answer
};
/// highwater.advice/1.
kafka::Json json_of(const Answer& answer);
std::string text_of(const Answer& answer, bool colour);

} // namespace highwater
