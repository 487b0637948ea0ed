#include "tests/properties/laws.hpp"

#include "sim/core/assert.hpp"

#include <fmt/format.h>

namespace properties {

using namespace kafka;

Ran run_case(const Json& scenario, std::uint64_t seed, const SettingTables& tables,
             const std::function<void(Configuration&)>& change) {
    Ran ran;
    ReadResult read = read_scenario(scenario.dump(), "generated.json", {}, tables);
    for (const InputProblem& problem : read.problems)
        ran.broken.push_back(format(problem));
    if (!read.scenario) return ran;
    ran.scenario = std::move(*read.scenario);
    if (change) {
        Configuration changed = *ran.scenario->configuration;
        change(changed);
        ran.scenario->configuration = std::make_shared<const Configuration>(std::move(changed));
    }
    try {
        ran.outcome.emplace(highwater::run_once(*ran.scenario, seed, "", {}));
    } catch (const sim::AssertionFailure& failure) {
        ran.broken.push_back(std::string("assertion: ") + failure.what());
    }
    return ran;
}

std::vector<std::string> broken_laws(const highwater::Outcome& outcome, bool strict) {
    std::vector<std::string> broken;
    for (const Guarantee& guarantee : outcome.guarantees)
        if (guarantee.state == GuaranteeState::violated)
            broken.push_back(guarantee.name + " violated: " + guarantee.because);
    StreamSummary all;
    for (const StreamSummary& stream : outcome.ledger.streams) {
        all.unknown += stream.unknown;
        all.lost += stream.lost;
        all.unavailable += stream.unavailable;
    }
    for (const ApplicationSummary& application : outcome.ledger.applications.producers)
        all.unknown -= application.died_unsent + application.died_in_flight; // nobody is told
    if (strict && all.lost > 0) broken.push_back(fmt::format("lost {} acknowledged records", all.lost));
    const Configuration& configuration = *outcome.scenario.configuration;
    const auto& ignored = outcome.ledger.ignored; // a broker may have ended itself for good
    const bool halted =
        ignored.find("the broker halts: cutting its log is not allowed (KAFKA-7414)") != ignored.end();
    if (all.unknown > 0 && !halted)
        broken.push_back(fmt::format("{} sends were never decided", all.unknown));
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        const PartitionState& state = outcome.decided[i];
        if (strict && state.leader == no_slot)
            broken.push_back(configuration.partitions[i].name + " has no leader after everything has healed");
        if (!halted && state.leader != no_slot && state.isr != configuration.partitions[i].assignment.set())
            broken.push_back(configuration.partitions[i].name +
                             ": not everybody is in sync after everything has healed");
    }
    return broken;
}

} // namespace properties
