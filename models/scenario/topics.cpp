#include "models/scenario/parts.hpp"

#include "models/control/placement.hpp"

#include <algorithm>

namespace kafka::parts {

int brokers_at_start(const Configuration& configuration) {
    return static_cast<int>(std::count_if(configuration.brokers.begin(), configuration.brokers.end(),
                                          [](const BrokerConfiguration& one) { return !one.absent; }));
}

std::vector<Assignment> placed(const Reading& reading, int partitions, int replication_factor) {
    std::vector<std::string> racks;
    std::vector<BrokerSlot> present;
    for (std::size_t i = 0; i < reading.configuration.brokers.size(); ++i) {
        if (reading.configuration.brokers[i].absent) continue;
        racks.push_back(reading.configuration.brokers[i].rack);
        present.push_back(BrokerSlot{static_cast<std::int32_t>(i)});
    }
    if (racks.empty()) return {}; // told where the brokers stand
    std::vector<Assignment> all = place_replicas(racks, partitions, replication_factor);
    for (Assignment& one : all)
        for (std::int32_t i = 0; i < one.count; ++i) {
            BrokerSlot& slot = one.slots[static_cast<std::size_t>(i)];
            slot = present[static_cast<std::size_t>(slot.value)];
        }
    return all;
}

namespace {

/// "assignment": a list of broker ids for each partition, preferred leader first.
std::optional<std::vector<Assignment>> given_assignment(Fields& fields, Reading& reading) {
    const Json* value = fields.get("assignment");
    if (value == nullptr) return std::nullopt;
    std::vector<Assignment> all;
    const std::string pointer = fields.at("assignment");
    if (!value->is_array() || value->empty()) {
        fields.wrong("assignment", "a list of lists of broker ids, one for each partition");
        return std::nullopt;
    }
    for (std::size_t p = 0; p < value->size(); ++p) {
        const Json& replicas = (*value)[p];
        const std::string at = pointer + "/" + std::to_string(p);
        Assignment assignment;
        if (!replicas.is_array() || replicas.empty() || replicas.size() > Assignment::capacity) {
            reading.problems.add(at, "expected 1 to 8 broker ids, got " + shown(replicas));
            return std::nullopt;
        }
        for (const Json& id : replicas) {
            const auto slot =
                id.is_number_integer() ? find_broker(id.dump(), reading.configuration) : std::nullopt;
            if (slot && reading.configuration.broker(*slot).absent) {
                reading.problems.add(at, "broker " + id.dump() + " is no part of the cluster at the start");
                return std::nullopt;
            }
            if (!slot || assignment.set().has(*slot)) {
                reading.problems.add(at, (slot ? "broker stands twice: " : "no such broker: ") + shown(id));
                return std::nullopt;
            }
            assignment.add(*slot);
        }
        all.push_back(assignment);
    }
    return all;
}

int replication_factor_of(Fields& fields, Reading& reading, int brokers) {
    int factor = static_cast<int>(
        fields.whole("replication.factor", 1, Assignment::capacity).value_or(std::min(3, brokers)));
    const bool of_preset = reading.preset != nullptr && reading.preset->replication_factor;
    if (of_preset) factor = *reading.preset->replication_factor;
    if (const auto override = reading.overrides.take("replication.factor")) {
        const bool number = override->size() == 1 && (*override)[0] >= '1' && (*override)[0] <= '8';
        if (number)
            factor = (*override)[0] - '0';
        else
            reading.problems.add_override("replication.factor", "expected 1 to 8, got \"" + *override + "\"");
    }
    if (factor > brokers) {
        const std::string message = "expected at most the number of brokers (" + std::to_string(brokers) +
                                    "), got " + std::to_string(factor);
        if (of_preset)
            reading.add_preset_problem("/topic/replication.factor", message);
        else
            reading.problems.add(fields.at("replication.factor"), message);
        factor = brokers;
    }
    return factor;
}

/// An assignment has its own number of replicas, which a preset's replication factor cannot change.
void check_assigned_factor(const TopicConfiguration& topic, const std::vector<Assignment>& given, int factor,
                           Reading& reading) {
    for (const Assignment& assignment : given)
        if (assignment.count != factor)
            return reading.add_preset_problem("/topic/replication.factor",
                                              "expected " + std::to_string(assignment.count) +
                                                  ", as many as the assignment of topic " + topic.name +
                                                  " has replicas, got " + std::to_string(factor));
}

/// How many partitions the faults give the topic at the most; 0 = none adds any. What is wrong with them is
/// told where faults are read.
int created_by_faults(const Json* faults, const std::string& topic) {
    int most = 0;
    if (faults == nullptr || !faults->is_array()) return 0;
    for (const Json& fault : *faults) {
        const bool creates = fault.is_object() && fault.contains("do") &&
                             fault["do"] == "create_partitions" && fault.contains("target") &&
                             fault["target"] == "topic " + topic && fault.contains("partitions") &&
                             fault["partitions"].is_number_integer();
        if (creates)
            most = static_cast<int>(std::max<std::int64_t>(
                most, std::min<std::int64_t>(10000, fault["partitions"].get<std::int64_t>())));
    }
    return most;
}

/// Replicas of partitions that are created while the cluster runs: they go on where the others end.
void place_later(std::vector<Assignment>& assignments, int partitions, Reading& reading) {
    const auto before = static_cast<int>(assignments.size());
    if (partitions <= before || before == 0) return;
    const std::vector<Assignment> all = placed(reading, partitions, assignments[0].count);
    for (int i = before; i < partitions && i < static_cast<int>(all.size()); ++i)
        assignments.push_back(all[static_cast<std::size_t>(i)]);
}

void add_partitions(TopicConfiguration& topic, const std::vector<Assignment>& assignments, Reading& reading,
                    std::int32_t at_start) {
    Configuration& configuration = reading.configuration;
    topic.partition_first = PartitionIndex{static_cast<std::int32_t>(configuration.partitions.size())};
    topic.partitions = static_cast<std::int32_t>(assignments.size());
    topic.replication_factor = assignments.empty() ? 1 : assignments[0].count;
    for (std::int32_t i = 0; i < topic.partitions; ++i)
        configuration.partitions.push_back(
            {TopicIndex{static_cast<std::int32_t>(configuration.topics.size())}, i,
             topic.name + "-" + std::to_string(i), assignments[static_cast<std::size_t>(i)], no_stream,
             i >= at_start});
}

void read_topic(const Json& value, const std::string& pointer, const Json* faults, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    TopicConfiguration topic;
    topic.name =
        fields.text("name").value_or("topic-" + std::to_string(reading.configuration.topics.size() + 1));
    const auto partitions = static_cast<int>(fields.whole("partitions", 1, 10000).value_or(1));
    const int factor = replication_factor_of(fields, reading, brokers_at_start(reading.configuration));
    const std::optional<std::vector<Assignment>> given = given_assignment(fields, reading);
    const ConfigMap own = reading.own_config(fields, "config");
    fields.finish();
    if (find_topic(topic.name, reading.configuration))
        reading.problems.add(pointer + "/name", "topic \"" + topic.name + "\" stands twice");
    if (given && fields.has("partitions") && static_cast<int>(given->size()) != partitions)
        reading.problems.add(pointer + "/assignment", "expected one list for each of the " +
                                                          std::to_string(partitions) + " partitions");
    if (given && reading.preset != nullptr && reading.preset->replication_factor)
        check_assigned_factor(topic, *given, *reading.preset->replication_factor, reading);
    std::vector<Assignment> assignments = given ? *given : placed(reading, partitions, factor);
    const auto at_start = static_cast<std::int32_t>(assignments.size());
    place_later(assignments, created_by_faults(faults, topic.name), reading);
    add_partitions(topic, assignments, reading, at_start);
    const Layer layers[] = {{SettingSource::override_x,
                             reading.overrides.for_place(SettingScope::topic, topic.name, reading.tables)},
                            reading.preset_layer(SettingScope::topic),
                            {SettingSource::dynamic_topic_config, own}};
    const Layer inherited[] = {reading.preset_layer(SettingScope::broker), reading.server_config};
    Resolved<TopicSettings> resolved =
        resolve_topic(reading.tables, reading.configuration.release, layers, inherited);
    reading.report(resolved.problems, pointer + "/config");
    for (const std::string& warning : resolved.warnings)
        reading.warn(warning);
    topic.settings = resolved.settings;
    if (topic.settings.min_insync_replicas > topic.replication_factor)
        reading.warn("topic " + topic.name + ": min.insync.replicas is above the replication factor" +
                     (dialect_of(reading.configuration.release).min_isr_is_capped
                          ? " and is capped by it"
                          : ": acks=all is always refused"));
    reading.scenario.effective.push_back({"topic " + topic.name, std::move(resolved.effective)});
    reading.configuration.topics.push_back(std::move(topic));
}

} // namespace

std::optional<TopicIndex> find_topic(const std::string& name, const Configuration& configuration) {
    for (std::size_t i = 0; i < configuration.topics.size(); ++i)
        if (configuration.topics[i].name == name) return TopicIndex{static_cast<std::int32_t>(i)};
    return std::nullopt;
}

std::optional<PartitionIndex> find_partition(const std::string& name, const Configuration& configuration) {
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        if (configuration.partitions[i].name == name) return PartitionIndex{static_cast<std::int32_t>(i)};
    return std::nullopt;
}

std::optional<BrokerSlot> find_broker(const std::string& id, const Configuration& configuration) {
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
        if (std::to_string(configuration.brokers[i].id.value) == id)
            return BrokerSlot{static_cast<std::int32_t>(i)};
    return std::nullopt;
}

void read_topics(Fields& top, Reading& reading) {
    const Json* value = top.get("topics");
    if (value == nullptr || !value->is_array() || value->empty())
        return reading.problems.add(top.at("topics"),
                                    "expected at least one topic, such as [{\"name\": \"orders\"}]");
    for (std::size_t i = 0; i < value->size(); ++i)
        read_topic((*value)[i], top.at("topics") + "/" + std::to_string(i), top.get("faults"), reading);
    if (reading.configuration.partitions.size() > 10000)
        reading.problems.add(top.at("topics"), "more than 10000 partitions in all");
}

} // namespace kafka::parts
