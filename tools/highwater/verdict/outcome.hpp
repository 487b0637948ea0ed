#pragma once
// One run of one scenario with everything that watched it.

#include "models/check/controllers.hpp"
#include "models/check/guarantees.hpp"
#include "models/check/liveness.hpp"
#include "models/scenario/expectations.hpp"
#include "tools/highwater/trace/trace.hpp"

#include <functional>
#include <optional>

namespace highwater {

/// All that is known when a run is over.
struct Outcome {
    const kafka::Scenario& scenario;
    std::shared_ptr<const kafka::Configuration> configuration; // with the weather that the seed drew
    std::uint64_t seed;
    std::string repeat; // the command that repeats it
    kafka::Ledger ledger;
    kafka::Readings readings;
    kafka::Invariants invariants;
    std::vector<kafka::Guarantee> guarantees;
    std::string fingerprint;
    std::uint64_t events = 0;
    sim::SimTime end;
    std::vector<kafka::PartitionState> decided; // by partition, at the end
    sim::Digest state;                          // of the final world
    kafka::ControllerHistory controllers;
    std::optional<kafka::Liveness> liveness; // when the scenario asks for healing
};

/// What to watch besides what every verdict needs.
struct Watch {
    std::optional<Trace*> trace;
    std::function<void(const kafka::World&)> progress;
    kafka::Observer* other = nullptr; // may be none
};

/// Runs `scenario` under `seed`. Throws sim::AssertionFailure with the place and the command when the
/// simulator is wrong.
Outcome run_once(const kafka::Scenario& scenario, std::uint64_t seed, const std::string& repeat,
                 const Watch& watch);

/// Whether all held: no guarantee violated and, when they are judged, no expectation failed.
bool all_held(const kafka::Json& verdict, bool judges_expectations);
/// The verdict as interface.md has it. `problems` gets expectations whose path names nothing.
kafka::Json verdict_of(const Outcome& outcome, std::vector<std::string>& problems);

} // namespace highwater
