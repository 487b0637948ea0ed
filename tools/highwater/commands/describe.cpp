#include "tools/highwater/commands/common.hpp"

#include "models/scenario/fields.hpp"
#include "tools/highwater/describe/description.hpp"
#include "tools/highwater/names.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iostream>
#include <memory>

namespace highwater {

namespace {

struct DescribeOptions {
    Common common;
    std::string file, at, seed, format = "text";
    std::vector<std::string> topics, groups;
    bool only_topics = false, offsets = false, members = false, state = false, internal = false;
    bool under_replicated = false, unavailable = false, under_min_isr = false, at_min_isr = false;
};

TopicFilter filter_of(const DescribeOptions& options) {
    if (options.under_replicated) return TopicFilter::under_replicated;
    if (options.unavailable) return TopicFilter::unavailable;
    if (options.under_min_isr) return TopicFilter::under_min_isr;
    return options.at_min_isr ? TopicFilter::at_min_isr : TopicFilter::all;
}

/// Keeps what was named; false, and told, when a name is no name of the scenario.
template <class Items> bool keep(Items& items, const std::vector<std::string>& names, const char* what) {
    bool fine = true;
    for (const std::string& name : names)
        if (std::none_of(items.begin(), items.end(), [&](const auto& item) { return item.name == name; })) {
            std::vector<std::string> known;
            for (const auto& item : items)
                known.push_back(item.name);
            const auto near = kafka::nearest(name, known);
            warn(fmt::format("highwater describe: --{} {}: the scenario has no such {}{}", what, name, what,
                             near ? "; did you mean \"" + *near + "\"?" : ""));
            fine = false;
        }
    if (!names.empty())
        std::erase_if(items, [&](const auto& item) {
            return std::find(names.begin(), names.end(), item.name) == names.end();
        });
    return fine;
}

/// One after the other, each below the command that would print it; a single one alone, as it is.
Printed asked_text(const Description& description, const DescribeOptions& options) {
    const bool verbose = options.common.verbose;
    const TopicFilter filter = filter_of(options);
    const bool topics = options.only_topics || filter != TopicFilter::all || !options.topics.empty();
    const bool any_group = options.offsets || options.members || options.state || !options.groups.empty();
    const bool offsets = options.offsets || (any_group && !options.members && !options.state);
    const bool all = !topics && !any_group;
    std::vector<std::pair<std::string, Printed>> parts;
    const std::string groups = "kafka-consumer-groups --describe --all-groups";
    const std::string more = verbose ? " --verbose" : "";
    if (topics || all) parts.emplace_back("kafka-topics --describe", print_topics(description, filter));
    const bool has_groups = !description.groups.empty();
    if (offsets || (all && has_groups))
        parts.emplace_back(groups + more, print_offsets(description, verbose));
    if (options.members || (all && has_groups))
        parts.emplace_back(groups + " --members" + more, print_members(description, verbose));
    if (options.state || (all && has_groups))
        parts.emplace_back(groups + " --state" + more, print_states(description, verbose));
    Printed printed;
    for (const auto& [command, one] : parts) {
        if (parts.size() > 1) printed.out += (printed.out.empty() ? "$ " : "\n$ ") + command + "\n";
        printed.out += one.out;
        if (printed.err.find(one.err) == std::string::npos) printed.err += one.err; // each says it again
    }
    return printed;
}

bool parse_instant(const DescribeOptions& options, std::uint64_t& seed, sim::SimTime& at) {
    std::uint64_t last = 0;
    if (!options.seed.empty() && (!parse_seeds(options.seed, seed, last) || seed != last)) {
        warn("highwater describe: --seed " + options.seed + ": expected a number");
        return false;
    }
    const auto length = kafka::parse_duration(options.at);
    if (!length || length->micros < 0) {
        warn("highwater describe: --at: expected a time such as 30s or 1500ms, got \"" + options.at + "\"");
        return false;
    }
    at = sim::SimTime{length->micros};
    return true;
}

int describe_scenario(const DescribeOptions& options) {
    std::uint64_t seed = 1;
    sim::SimTime at;
    bool fine = parse_instant(options, seed, at);
    bool read = true;
    const std::vector<kafka::Scenario> scenarios = read_all({options.file}, options.common, read);
    if (!fine || !read) return bad_input;
    if (options.seed.empty()) seed = scenarios.front().seed;
    const kafka::World world = world_at(scenarios.front(), seed, at);
    Description description = describe(scenarios.front(), world, seed, at);
    if (world.finished)
        description.notes.push_back("the run ends at " + time_text(world.kernel.now.micros) +
                                    ": this is how it was then");
    fine = keep(description.topics, options.topics, "topic");
    fine = keep(description.groups, options.groups, "group") && fine;
    if (!fine && description.answers) return bad_input;
    if (!options.internal && options.topics.empty())
        std::erase_if(description.topics, [](const DescribedTopic& topic) { return topic.internal; });
    if (options.format == "json")
        return write_result(json_of(description).dump(2) + "\n", options.common.output) ? all_fine
                                                                                        : bad_input;
    const Printed printed = asked_text(description, options);
    if (!write_result(printed.out, options.common.output)) return bad_input;
    if (!options.common.quiet) {
        std::cerr << printed.err;
        for (const std::string& note : description.notes)
            warn("highwater describe: " + note);
    }
    return all_fine;
}

} // namespace

void add_describe(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<DescribeOptions>();
    CLI::App* command = app.add_subcommand(
        "describe",
        "What kafka-topics and kafka-consumer-groups --describe would print at an instant of a run");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command->add_option("--at", options->at, "The instant, such as 30s: all events until then have happened")
        ->required()
        ->type_name("TIME");
    command->add_option("--seed", options->seed, "Seed of the run; else the scenario's, else 1")
        ->type_name("N");
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--topics", options->only_topics, "Only kafka-topics --describe");
    command->add_flag("--offsets", options->offsets, "Only the offsets of groups");
    command->add_flag("--members", options->members, "Only the members of groups (-v as Kafka's --verbose)");
    command->add_flag("--state", options->state, "Only the states of groups (-v as Kafka's --verbose)");
    command->add_option("--topic", options->topics, "Only this topic, repeatable")->allow_extra_args(false);
    command->add_option("--group", options->groups, "Only this group, repeatable")->allow_extra_args(false);
    command->add_flag("--internal", options->internal, "Internal topics too");
    command->add_flag("--under-replicated-partitions", options->under_replicated, "As of kafka-topics");
    command->add_flag("--unavailable-partitions", options->unavailable, "As of kafka-topics");
    command->add_flag("--under-min-isr-partitions", options->under_min_isr, "As of kafka-topics");
    command->add_flag("--at-min-isr-partitions", options->at_min_isr, "As of kafka-topics");
    add_preset(*command, options->common);
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = describe_scenario(*options); });
}

} // namespace highwater
