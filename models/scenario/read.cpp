#include "models/scenario/parts.hpp"

#include "sim/physics/link.hpp"

#include <charconv>

namespace embedded {
extern const char* const schema_scenario_schema_json;
} // namespace embedded

namespace kafka {

std::string_view scenario_schema() { return embedded::schema_scenario_schema_json; }

namespace parts {

namespace {

Expectation read_expectation(Fields& fields, Reading& reading) {
    Expectation expectation;
    expectation.pointer = fields.pointer();
    expectation.that = fields.text("that").value_or("");
    if (expectation.that.empty())
        reading.problems.add(fields.at("that"), "expected a path into the verdict, such as \"records.lost\"");
    int given = 0;
    const std::pair<const char*, Expectation::Comparison> comparisons[] = {
        {"is", Expectation::Comparison::is},
        {"at_least", Expectation::Comparison::at_least},
        {"at_most", Expectation::Comparison::at_most}};
    for (const auto& [word, comparison] : comparisons) {
        const Json* wanted = fields.get(word);
        if (wanted == nullptr) continue;
        ++given;
        expectation.comparison = comparison;
        expectation.value = *wanted;
        if (comparison != Expectation::Comparison::is && !wanted->is_number_integer())
            fields.wrong(word, "a whole number");
    }
    if (given != 1)
        reading.problems.add(fields.pointer(), "expected exactly one of \"is\", \"at_least\", \"at_most\"");
    if (const auto at = fields.duration("at")) expectation.at = sim::SimTime{at->micros};
    fields.finish();
    return expectation;
}

} // namespace

std::vector<Expectation> read_expectations(Fields& fields, Reading& reading) {
    std::vector<Expectation> expectations;
    const Json* value = fields.get("expect");
    if (value == nullptr) return expectations;
    if (!value->is_array()) {
        fields.wrong("expect", "a list");
        return expectations;
    }
    for (std::size_t i = 0; i < value->size(); ++i) {
        Fields one((*value)[i], fields.at("expect") + "/" + std::to_string(i), reading.problems);
        expectations.push_back(read_expectation(one, reading));
    }
    return expectations;
}

} // namespace parts

namespace {

/// A whole number; above what JSON readers keep exactly (2^53) it stands as a text.
std::uint64_t read_seed(Fields& top) {
    const Json& value = *top.get("seed");
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    std::uint64_t seed = 0;
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        top.wrong("seed", "a whole number, such as 42");
    return seed;
}

void read_top(Fields& top, parts::Reading& reading) {
    Scenario& scenario = reading.scenario;
    top.get("$schema");
    scenario.name = top.text("name").value_or("");
    scenario.story = top.text("story").value_or("");
    scenario.source = top.text("source").value_or("");
    scenario.seeds = top.whole("seeds", 1, 1000000000).value_or(1);
    if (top.has("seed")) scenario.seed = read_seed(top);
    if (const auto until = top.duration("until")) reading.configuration.until = sim::SimTime{until->micros};
    parts::read_cluster(top, reading);
    parts::read_topics(top, reading);
    parts::read_producers(top, reading);
    parts::read_consumers(top, reading);
    parts::read_internal_topics(reading);
    parts::read_zones(top, reading);
    parts::read_links(top, reading);
    parts::read_arrivals(reading);
    parts::read_faults(top, reading);
    parts::read_weather(top, reading);
    parts::read_heal(top, reading);
    scenario.expectations = parts::read_expectations(top, reading);
    parts::read_fixed(top, reading);
    top.finish();
    parts::settle_compaction(reading);
    parts::check_limits(reading);
    const std::size_t processes =
        reading.configuration.brokers.size() + reading.configuration.control_processes() +
        reading.configuration.producers.size() + reading.configuration.consumers.size();
    if (processes > sim::ProcessSet::capacity)
        reading.problems.add("", "at most 1024 processes in all: brokers, controllers, producers, consumers");
}

void check_overrides(parts::Reading& reading) {
    for (const parts::SortedOverrides::One& one : reading.overrides.all) {
        if (one.hit) continue;
        if (one.given.key.rfind("application.", 0) == 0) {
            const std::string key = one.given.key.substr(12);
            std::vector<std::string> known = parts::producer_application_keys();
            for (const std::string& more : parts::consumer_application_keys())
                known.push_back(more);
            reading.problems.add_override(one.given.key, "no application in this scenario has it" +
                                                             did_you_mean(key, known));
            continue;
        }
        std::vector<std::string> names{"release", "metadata", "replication.factor"};
        for (const SettingScope scope :
             {SettingScope::producer, SettingScope::consumer, SettingScope::topic, SettingScope::broker})
            for (const SettingRow& row : reading.tables.rows(scope))
                names.push_back(row.name);
        reading.problems.add_override(one.given.key,
                                      "hits nothing in this scenario" + did_you_mean(one.given.key, names));
    }
}

std::string stem(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    const std::string base = slash == std::string::npos ? file : file.substr(slash + 1);
    return base.substr(0, base.rfind('.'));
}

} // namespace

ReadResult read_scenario(std::string_view text, const std::string& file, std::span<const Override> overrides,
                         const SettingTables& tables, const Preset* preset) {
    ReadResult result;
    Source source = parse_source(text, file);
    if (source.root.is_null() || source.root.is_discarded()) {
        result.problems = std::move(source.problems);
        return result;
    }
    Problems problems(source);
    parts::Reading reading{problems, tables, {}, {}, {}, {}, {}, preset};
    if (preset != nullptr) reading.scenario.preset = preset->name;
    for (const Override& override : overrides)
        reading.overrides.all.push_back({override, false});
    Fields top(source.root, "", problems);
    if (source.root.is_object()) {
        read_top(top, reading);
        check_overrides(reading);
    }
    result.problems = std::move(source.problems);
    if (!result.problems.empty()) return result;
    reading.scenario.file = file;
    if (reading.scenario.name.empty()) reading.scenario.name = file == "-" ? "stdin" : stem(file);
    parts::settle_log_starts(reading.configuration);
    reading.scenario.configuration = std::make_shared<const Configuration>(std::move(reading.configuration));
    result.scenario = std::move(reading.scenario);
    return result;
}

} // namespace kafka
