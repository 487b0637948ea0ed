// Faults of disks, and how many log directories a broker has.

#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

TargetKind kind_of(const Target& target) {
    return target.kind == TargetKind::host_of ? target.host : target.kind;
}

bool may_name_brokers(const Target& target) {
    const TargetKind kind = kind_of(target);
    return kind != TargetKind::producer && kind != TargetKind::consumer && kind != TargetKind::controller &&
           kind != TargetKind::zone && kind != TargetKind::site && kind != TargetKind::topic &&
           kind != TargetKind::partition;
}

/// The most directories that a broker of the target has; of a role, those of any broker.
std::int32_t directories_of(const Target& target, const Configuration& configuration) {
    std::int32_t most = 0;
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        const bool other =
            target.kind == TargetKind::broker && target.broker.value != static_cast<std::int32_t>(i);
        if (!other) most = std::max(most, configuration.brokers[i].settings.log.directories);
    }
    return most;
}

} // namespace

void read_disk_fault(Fields& fields, Fault& fault, Reading& reading) {
    const auto how = fields.word("how", {"full", "failed", "hung", "slow", "unreadable"});
    if (!how && !fields.has("how"))
        reading.problems.add(fields.at("how"),
                             "expected \"full\", \"failed\", \"hung\", \"slow\" or \"unreadable\"");
    if (how)
        fault.disk.trouble = static_cast<DiskTrouble>(
            std::find(std::begin(disk_trouble_words), std::end(disk_trouble_words), *how) -
            std::begin(disk_trouble_words));
    fault.latency = fields.latency("latency");
    const bool slow = how && *how == "slow";
    if (slow && !fields.has("latency"))
        reading.problems.add(fields.at("latency"),
                             "expected how much longer a write takes, such as \"50ms\"");
    if (!slow && fields.has("latency"))
        reading.problems.add(fields.at("latency"), "goes with \"how\": \"slow\"");
    fault.disk.directory = static_cast<std::int32_t>(fields.whole("directory", 1, 32).value_or(0));
    for (const Target& target : fault.targets) {
        if (kind_of(target) == TargetKind::controller) {
            if (fault.disk.trouble == DiskTrouble::unreadable)
                reading.problems.add(fields.at("how"),
                                     "goes with brokers: a controller's log is read from the "
                                     "page cache here");
            if (fault.disk.directory > 1)
                reading.problems.add(fields.at("directory"),
                                     "a controller writes to its first directory only, got " +
                                         std::to_string(fault.disk.directory));
            continue;
        }
        if (!may_name_brokers(target)) {
            reading.problems.add(fields.at("target"),
                                 "expected brokers or controllers: the disks of others are not modelled, got "
                                 "\"" +
                                     target.text + "\"");
            continue;
        }
        const std::int32_t there = directories_of(target, reading.configuration);
        if (fault.disk.directory > there)
            reading.problems.add(fields.at("directory"), "expected one of the log directories, 1 to " +
                                                             std::to_string(there) + ", got " +
                                                             std::to_string(fault.disk.directory));
    }
}

void read_corruption(Fields& fields, Fault& fault, Reading& reading) {
    const std::string partition = fields.text("partition").value_or("");
    if (const auto index = find_partition(partition, reading.configuration))
        fault.disk.partition = *index;
    else
        reading.problems.add(fields.at("partition"), "no such partition: \"" + partition + "\"");
    fault.disk.offset = Offset{fields.whole("offset", 0, 9223372036854775807).value_or(0)};
    if (!fields.has("offset"))
        reading.problems.add(fields.at("offset"), "expected an offset of the batch whose bytes change");
    for (const Target& target : fault.targets)
        if (!may_name_brokers(target))
            reading.problems.add(fields.at("target"),
                                 "expected brokers: they have the logs, got \"" + target.text + "\"");
}

void read_deletion(Fields& fields, Fault& fault, Reading& reading) {
    const Json* before = fields.get("before");
    if (before == nullptr || *before == "high_watermark") {
        if (before == nullptr)
            reading.problems.add(fields.at("before"), "expected an offset, or \"high_watermark\"");
        return;
    }
    if (before->is_number_integer() && before->get<std::int64_t>() >= 0)
        fault.before = Offset{before->get<std::int64_t>()};
    else
        fields.wrong("before", "an offset, or \"high_watermark\"");
}

namespace {

/// How old a record can seem to a broker within the run: its length, and what is set apart by clocks and by
/// create times that loads bring with them.
std::int64_t greatest_age_millis(const Configuration& configuration) {
    const auto size = [](std::int64_t micros) { return (micros < 0 ? -micros : micros) / 1000; };
    const std::int64_t length = configuration.until ? configuration.until->micros / 1000 : 0;
    std::int64_t apart = 0;
    for (const ProducerConfiguration& producer : configuration.producers)
        apart = std::max(apart, size(producer.timestamp_offset.micros));
    const auto add = [&](const Fault& fault) {
        if (fault.kind != FaultKind::clock) return;
        apart += size(fault.clock_step.micros) + length * size(fault.clock_drift_ppm * 1000) / 1000000;
    };
    for (const Fault& fault : configuration.faults)
        add(fault);
    for (const WeatherFamily& family : configuration.weather)
        add(family.fault);
    return length + apart;
}

} // namespace

/// Topics of the user only: internal ones are compacted in Kafka.
void settle_log_starts(Configuration& configuration) {
    const std::int64_t oldest = greatest_age_millis(configuration);
    const auto longer = [&](const TopicSettings& settings) {
        return settings.retention_millis >= 0 && oldest > settings.retention_millis;
    };
    for (TopicConfiguration& topic : configuration.topics) {
        if (topic.purpose != TopicPurpose::user) {
            topic.settings.keeps_segments = false;
            continue;
        }
        topic.settings.keeps_segments = topic.settings.keeps_segments || longer(topic.settings);
        configuration.moves_log_starts = configuration.moves_log_starts || topic.settings.keeps_segments;
    }
    for (const Fault& fault : configuration.faults)
        configuration.moves_log_starts =
            configuration.moves_log_starts || fault.kind == FaultKind::delete_records;
}

/// "directories" of a broker, or what log.dirs lists.
void settle_directories(BrokerConfiguration& broker, std::optional<std::int64_t> given, bool listed,
                        const std::string& pointer, Reading& reading) {
    std::int32_t& count = broker.settings.log.directories;
    if (given && listed && *given != count)
        reading.problems.add(pointer + "/directories", "log.dirs lists " + std::to_string(count) +
                                                           " directories, got " + std::to_string(*given));
    if (given) count = static_cast<std::int32_t>(*given);
    if (count > 32)
        reading.problems.add(pointer, "expected at most 32 log directories, got " + std::to_string(count));
    if (count > 1 && !reading.zookeeper && broker.release < Release::v3_7)
        reading.problems.add(pointer + "/directories",
                             "several log directories need Kafka 3.7 under KRaft (KIP-858); this broker is " +
                                 std::string(name(broker.release)));
}

} // namespace kafka::parts
