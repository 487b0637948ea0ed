#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr std::pair<const char*, FaultKind> families[] = {
    {"crash", FaultKind::crash},         {"pause", FaultKind::pause},
    {"stop", FaultKind::stop},           {"power_loss", FaultKind::power_loss},
    {"wipe_disk", FaultKind::wipe_disk}, {"cut", FaultKind::cut},
    {"slow", FaultKind::slow},           {"gc", FaultKind::gc},
    {"starve", FaultKind::starve},       {"clock", FaultKind::clock},
    {"swizzle", FaultKind::swizzle},     {"disk", FaultKind::disk},
    {"roll", FaultKind::roll},           {"reassign", FaultKind::reassign},
    {"elect", FaultKind::elect}};

/// Those that are asked of the controller, for a partition; they are there for no length of time.
bool is_of_data(FaultKind kind) { return kind == FaultKind::reassign || kind == FaultKind::elect; }

constexpr std::int64_t most_drawn_faults = 1000; // of a family, in the mean

/// When loads that send at a rate are through; nothing without loads.
std::optional<sim::SimTime> loads_end(const Configuration& configuration) {
    std::optional<sim::SimTime> end;
    for (const ProducerConfiguration& producer : configuration.producers)
        for (const LoadSegment& segment : producer.load) {
            const std::int64_t seconds =
                segment.rate == 0 ? 0 : (segment.count + segment.rate - 1) / segment.rate;
            const sim::SimTime through = segment.start + sim::seconds(seconds);
            end = std::max(end.value_or(through), through);
        }
    return end;
}

/// "any broker" stands for each of them, and a topic for each of its partitions, so that the draw names one
/// before the run.
void add_candidates(const Target& target, WeatherFamily& family, const Configuration& configuration) {
    if (target.kind == TargetKind::topic && is_of_data(family.fault.kind)) {
        const TopicConfiguration& topic = configuration.topic(target.topic);
        for (std::int32_t i = 0; i < topic.partitions; ++i) {
            Target partition;
            partition.kind = TargetKind::partition;
            partition.partition = next(topic.partition_first, i);
            partition.text = configuration.partition(partition.partition).name;
            if (configuration.partition(partition.partition).created_later) continue;
            family.among.push_back(std::move(partition));
        }
        return;
    }
    if (target.kind != TargetKind::any_broker) return family.among.push_back(target);
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        Target broker;
        broker.kind = TargetKind::broker;
        broker.broker = BrokerSlot{static_cast<std::int32_t>(i)};
        broker.text = "broker " + std::to_string(configuration.brokers[i].id.value);
        family.among.push_back(std::move(broker));
    }
}

void read_among(Fields& fields, WeatherFamily& family, Reading& reading) {
    const Json* value = fields.get("target");
    const FaultKind kind = family.fault.kind;
    const bool over_all = kind == FaultKind::swizzle || kind == FaultKind::roll; // of them, each time
    Json everybody = over_all ? "all brokers" : "any broker";
    if (is_of_data(kind)) {
        everybody = Json::array();
        for (const TopicConfiguration& topic : reading.configuration.topics)
            if (topic.purpose == TopicPurpose::user) everybody.push_back("topic " + topic.name);
    }
    if (value == nullptr) value = &everybody;
    const Json listed = value->is_array() ? *value : Json::array({*value});
    if (listed.empty()) return fields.wrong("target", "a target such as \"any broker\", or a list of them");
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const std::string pointer =
            fields.at("target") + (value->is_array() ? "/" + std::to_string(i) : std::string());
        if (!listed[i].is_string()) {
            reading.problems.add(pointer, "expected a target such as \"any broker\" or \"broker 2\", got " +
                                              shown(listed[i]));
            continue;
        }
        const auto target = read_target(listed[i].get<std::string>(), pointer, reading);
        if (target) add_candidates(*target, family, reading.configuration);
    }
    Fault every = family.fault;
    every.targets = family.among;
    check_targets(fields, every, reading);
}

void read_ends(Fields& fields, WeatherFamily& family, Reading& reading) {
    const Json& value = *fields.get("between");
    const bool pair = value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string();
    if (!pair) return fields.wrong("between", "two targets, such as [\"broker 1\", \"controller\"]");
    if (fields.has("target")) reading.problems.add(fields.at("target"), "stands alone, without \"between\"");
    for (std::size_t i = 0; i < 2; ++i)
        if (const auto end = read_target(value[i].get<std::string>(),
                                         fields.at("between") + "/" + std::to_string(i), reading))
            family.fault.targets.push_back(*end);
}

void read_window(Fields& fields, WeatherFamily& family, Reading& reading) {
    const auto from = fields.duration("from");
    const auto until = fields.duration("until");
    if (from) family.from = sim::SimTime{from->micros};
    if (until) family.until = sim::SimTime{until->micros};
    if (family.until <= family.from)
        reading.problems.add(fields.pointer(), "expected \"from\" before \"until\"");
}

/// Of each candidate for itself, instead of "mean_every" and "for".
void read_renewal(Fields& fields, WeatherFamily& family, Reading& reading) {
    const auto failure = fields.duration("mean_time_to_failure");
    const auto repair = fields.duration("mean_time_to_repair");
    if (fields.has("mean_every"))
        reading.problems.add(fields.at("mean_every"), "stands for itself, without \"mean_time_to_failure\"");
    for (const char* key : {"mean_time_to_failure", "mean_time_to_repair"})
        if (!fields.has(key))
            reading.problems.add(fields.at(key), "expected a mean, such as \"60s\": both times are needed");
    if (!failure || !repair) return;
    const std::int64_t least = (family.until - family.from).micros * 60 / most_drawn_faults;
    if (failure->micros <= least)
        reading.problems.add(fields.at("mean_time_to_failure"),
                             "expected more than " + std::to_string(least) +
                                 "us: at most a thousand faults in the mean");
    family.time_to_failure = *failure;
    family.time_to_repair = *repair;
    family.fault.lasts_from = family.fault.lasts_to = *repair; // a stand-in: each draws its own
}

/// What gc, starve, clock, swizzle and disk have of their own, for every candidate.
void read_own(Fields& fields, WeatherFamily& family, Reading& reading) {
    const FaultKind kind = family.fault.kind;
    const bool machine = kind == FaultKind::gc || kind == FaultKind::starve || kind == FaultKind::clock ||
                         kind == FaultKind::swizzle;
    if (!machine && kind != FaultKind::disk) return;
    Fault every = family.fault;
    every.targets = family.among;
    if (machine)
        read_machine_fault(fields, every, reading);
    else
        read_disk_fault(fields, every, reading);
    every.targets.clear();
    family.fault = std::move(every);
}

/// "tolerance": bounds over all families.
void read_tolerance(Fields& top, WeatherRules& rules, Reading& reading) {
    const Json* value = top.get("tolerance");
    if (value == nullptr) return;
    Fields fields(*value, top.at("tolerance"), reading.problems);
    rules.lossy = static_cast<std::int32_t>(fields.whole("lossy", 1, 60).value_or(0));
    rules.down = static_cast<std::int32_t>(fields.whole("down", 1, 60).value_or(0));
    rules.rest = fields.duration("rest").value_or(sim::Duration{0});
    rules.breaks = fields.flag("break").value_or(false);
    fields.finish();
    if (rules.lossy == 0 && rules.down == 0)
        reading.problems.add(fields.pointer(), "expected \"lossy\" or \"down\", a number of brokers");
    if (!rules.breaks) return;
    if (rules.lossy == 0) reading.problems.add(fields.at("break"), "needs \"lossy\": what is to be broken");
    if (rules.lossy >= static_cast<std::int32_t>(reading.configuration.brokers.size()))
        reading.problems.add(fields.at("break"), "needs more brokers than \"lossy\"");
}

void read_family(const Json& value, const std::string& pointer, WeatherFamily family, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    family.fault.pointer = pointer;
    read_window(fields, family, reading);
    const bool instant = is_of_data(family.fault.kind);
    const bool operation = instant || family.fault.kind == FaultKind::roll;
    for (const char* key : {"mean_time_to_failure", "mean_time_to_repair", "for", "at_most", "rest"}) {
        const bool renewal = std::string_view(key).starts_with("mean_time");
        if (fields.has(key) && (instant || (operation && renewal)))
            reading.problems.add(fields.at(key),
                                 "does not go with \"" + std::string(word_of(family.fault.kind)) + "\"");
    }
    if (fields.has("mean_time_to_failure") || fields.has("mean_time_to_repair")) {
        read_renewal(fields, family, reading);
    } else if (const auto every = fields.duration("mean_every")) {
        family.mean_every = *every;
        const std::int64_t window = (family.until - family.from).micros;
        if (every->micros <= window / most_drawn_faults)
            reading.problems.add(fields.at("mean_every"), "expected more than a thousandth of the window: " +
                                                              std::to_string(window / most_drawn_faults) +
                                                              "us, got " + shown(*fields.get("mean_every")));
    } else if (!fields.has("mean_every")) {
        reading.problems.add(fields.at("mean_every"), "expected the mean time between two, such as \"60s\"");
    }
    if (const auto lasts = fields.duration_range("for")) {
        family.fault.lasts_from = lasts->first;
        family.fault.lasts_to = lasts->second;
        if (family.time_to_failure > sim::Duration{0})
            reading.problems.add(fields.at("for"), "stands for itself, without \"mean_time_to_repair\"");
    } else if (!fields.has("for") && family.time_to_failure == sim::Duration{0} && !instant &&
               !fields.has("mean_time_to_failure")) {
        reading.problems.add(fields.at("for"),
                             "expected how long each lasts, such as {\"from\": \"5s\", \"to\": \"20s\"}");
    }
    family.at_most = static_cast<std::int32_t>(fields.whole("at_most", 1, 1000).value_or(0));
    family.rest = fields.duration("rest").value_or(sim::Duration{0});
    const bool link = family.fault.kind == FaultKind::cut || family.fault.kind == FaultKind::slow;
    if (link) read_link(fields, family.fault, reading);
    if (link && fields.has("between"))
        read_ends(fields, family, reading);
    else
        read_among(fields, family, reading);
    read_own(fields, family, reading);
    read_drawn_operation(fields, family, reading);
    fields.finish();
    reading.configuration.weather.push_back(std::move(family));
}

} // namespace

void read_weather(Fields& top, Reading& reading) {
    const Json* value = top.get("weather");
    if (value == nullptr) return;
    Fields fields(*value, top.at("weather"), reading.problems);
    WeatherFamily common;
    const std::optional<sim::SimTime> end =
        reading.configuration.until ? reading.configuration.until : loads_end(reading.configuration);
    common.until = end.value_or(sim::SimTime{0});
    if (!end && !fields.has("until"))
        return reading.problems.add(fields.at("until"), "expected a time: nothing else ends this run");
    if (value->is_object()) read_window(fields, common, reading);
    WeatherRules& rules = reading.configuration.weather_rules;
    rules.swarm = fields.flag("swarm").value_or(false);
    rules.from = common.from;
    rules.until = common.until;
    read_tolerance(fields, rules, reading);
    for (const auto& [word, kind] : families) {
        const Json* body = fields.get(word);
        if (body == nullptr) continue;
        common.fault.kind = kind;
        common.fault.name = word;
        read_family(*body, fields.at(word), common, reading);
    }
    fields.finish();
}

} // namespace kafka::parts
