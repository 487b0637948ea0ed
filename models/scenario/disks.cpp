// Faults of disks, and how many log directories a broker has.

#include "models/scenario/parts.hpp"

namespace kafka::parts {

namespace {

bool may_name_brokers(const Target& target) {
    const TargetKind kind = target.kind == TargetKind::host_of ? target.host : target.kind;
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
    const auto how = fields.word("how", {"full", "failed", "hung", "slow"});
    if (!how && !fields.has("how"))
        reading.problems.add(fields.at("how"), "expected \"full\", \"failed\", \"hung\" or \"slow\"");
    if (how)
        fault.disk.trouble = *how == "full"     ? DiskTrouble::full
                             : *how == "failed" ? DiskTrouble::failed
                             : *how == "hung"   ? DiskTrouble::hung
                                                : DiskTrouble::slow;
    fault.latency = fields.latency("latency");
    const bool slow = how && *how == "slow";
    if (slow && !fields.has("latency"))
        reading.problems.add(fields.at("latency"),
                             "expected how much longer a write takes, such as \"50ms\"");
    if (!slow && fields.has("latency"))
        reading.problems.add(fields.at("latency"), "goes with \"how\": \"slow\"");
    fault.disk.directory = static_cast<std::int32_t>(fields.whole("directory", 1, 32).value_or(0));
    for (const Target& target : fault.targets) {
        if (!may_name_brokers(target)) {
            reading.problems.add(fields.at("target"),
                                 "expected brokers: the disks of others are not modelled, got \"" +
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
    if (count > 1 && reading.zookeeper)
        reading.problems.add(pointer + "/directories",
                             "several log directories are not modelled under ZooKeeper yet: expected 1, or "
                             "\"metadata\": \"kraft\"");
    else if (count > 1 && broker.release < Release::v3_7)
        reading.problems.add(pointer + "/directories",
                             "several log directories need Kafka 3.7 under KRaft (KIP-858); this broker is " +
                                 std::string(name(broker.release)));
}

} // namespace kafka::parts
