#include "tools/highwater/commands/common.hpp"

#include "models/dialect/admin_tools.hpp"
#include "tools/highwater/verdict/outcome.hpp"
#include "tools/highwater/verifiable/verifiable.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

constexpr std::int64_t most_records = 5000000; // each is a line, and another one for each time it is read

/// Why this scenario cannot be told so; empty when it can.
std::string objection(const kafka::Configuration& configuration, const Verifiable& lines,
                      const std::string& client) {
    std::int64_t records = 0;
    const auto speaks = [](kafka::Release release) {
        return kafka::admin_tools_of(release).verifiable_events;
    };
    for (const kafka::ProducerConfiguration& producer : configuration.producers) {
        for (const kafka::LoadSegment& segment : producer.load)
            records += segment.count;
        if (!speaks(producer.release)) return "producer " + producer.name + " is older than 1.0 (KAFKA-5516)";
    }
    for (const kafka::ConsumerConfiguration& consumer : configuration.consumers)
        if (!speaks(consumer.release)) return "consumer " + consumer.name + " is older than 1.0 (KAFKA-5516)";
    if (records > most_records) return fmt::format("at most {} records, got {}", most_records, records);
    const std::vector<std::string> names = lines.clients();
    if (client.empty() || std::find(names.begin(), names.end(), client) != names.end()) return "";
    const auto near = kafka::nearest(client, names);
    return "no client \"" + client + "\"" + (near ? "; did you mean \"" + *near + "\"?" : "");
}

} // namespace

int run_verifiable(const std::vector<kafka::Scenario>& scenarios, std::uint64_t seed,
                   const std::string& client, const Common& common) {
    const kafka::Scenario& scenario = scenarios.front();
    Verifiable lines(*scenario.configuration, common.verbose);
    const std::string why_not = objection(*scenario.configuration, lines, client);
    if (!why_not.empty()) {
        warn("highwater run: --as verifiable: " + why_not);
        return bad_input;
    }
    if (!common.quiet)
        for (const std::string& warning : scenario.warnings)
            warn(scenario.file + ": warning: " + warning);
    Watch watch;
    watch.other = &lines;
    const Outcome outcome = run_once(scenario, seed, repeat_command(scenario.file, seed, common), watch);
    std::vector<std::string> problems;
    const kafka::Json verdict = verdict_of(outcome, problems);
    for (const std::string& problem : problems)
        warn(scenario.file + ": " + problem);
    if (!problems.empty() || !write_result(lines.text(client), common.output)) return bad_input;
    return all_held(verdict, !is_changed(common)) ? all_fine : guarantee_failed;
}

} // namespace highwater
