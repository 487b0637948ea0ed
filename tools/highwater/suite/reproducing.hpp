#pragma once
// Whether a run can be reproduced: once more, and with nobody watching.

#include "models/scenario/scenario.hpp"
#include "tools/highwater/trace/trace.hpp"

#include <functional>
#include <optional>

namespace highwater {

/// Where two runs part.
struct Difference {
    std::uint64_t event = 0; // the first event whose facts differ
    sim::SimTime time;
    std::string one; // fact, as a line of the trace; "nothing more" when a run noted less
    std::string other;
};

/// The first event that two traces tell differently; nothing when they tell the same.
std::optional<Difference> first_difference(const Trace& one, const Trace& other,
                                           const kafka::Configuration& configuration);

/// What is known of the run that others are compared with.
struct Recorded {
    Trace trace;
    sim::Digest state; // of the final world
    std::uint64_t events = 0;
    sim::SimTime end;
};

/// A place where a test may disturb the later runs, so that the comparison is seen to turn red: called before
/// each step. Empty outside tests.
using Disturbance = std::function<void(kafka::World&)>;

struct NotReproduced {
    std::string which; // "again" or "without observers"
    Difference difference;
};

/// Runs twice more, once with all observers and once with none at all, and compares facts and final worlds.
/// Cost: keeps the facts of two runs, about 100 bytes each.
std::optional<NotReproduced> reproduce(const kafka::Scenario& scenario, std::uint64_t seed,
                                       const Recorded& first, const Disturbance& disturb = {});

} // namespace highwater
