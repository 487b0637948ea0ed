#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr sim::Duration default_roll_timeout = sim::seconds(300);
constexpr sim::Duration default_reassign_timeout = sim::seconds(3600);

/// With `draws` the policy is that of a family of weather: it may leave to the seed what a roll waits for,
/// and a turn takes as long as it takes. Whoever is on its way down would else be left there.
void read_policy(Fields& fields, Fault& fault, Reading& reading, bool* draws) {
    fault.timeout = draws == nullptr ? default_roll_timeout : default_reassign_timeout;
    const Json* value = fields.get("policy");
    if (value == nullptr) return;
    Fields policy(*value, fields.at("policy"), reading.problems);
    RollPolicy& roll = fault.roll;
    if (const auto order = policy.word("order", {"by_id", "by_rack", "controller_last"}))
        roll.order = *order == "by_rack"           ? RollPolicy::Order::by_rack
                     : *order == "controller_last" ? RollPolicy::Order::controller_last
                                                   : RollPolicy::Order::by_id;
    const Json* at_once = policy.get("at_once");
    if (at_once != nullptr && *at_once == "rack")
        roll.at_once = 0;
    else if (at_once != nullptr && at_once->is_number_integer() && *at_once >= 1 && *at_once <= 60)
        roll.at_once = at_once->get<std::int32_t>();
    else if (at_once != nullptr)
        policy.wrong("at_once", "a whole number from 1 to 60, or \"rack\"");
    const Json* waits = policy.get("wait_for");
    if (draws != nullptr && waits != nullptr && *waits == "drawn")
        *draws = true;
    else if (const auto wait = policy.word("wait_for", {"in_sync", "started", "nothing"}))
        roll.wait_for = *wait == "started"   ? RollPolicy::Wait::started
                        : *wait == "nothing" ? RollPolicy::Wait::nothing
                                             : RollPolicy::Wait::in_sync;
    roll.pause = policy.duration("pause").value_or(sim::Duration{0});
    if (const auto how = policy.word("how", {"stop", "crash"})) roll.crash = *how == "crash";
    fault.timeout = policy.duration("timeout").value_or(fault.timeout);
    policy.finish();
}

/// Brokers among the targets of a roll.
std::vector<BrokerSlot> brokers_of(const Fault& fault, const Configuration& configuration) {
    std::vector<BrokerSlot> all;
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        const bool meant = std::any_of(fault.targets.begin(), fault.targets.end(), [&](const Target& target) {
            return target.kind == TargetKind::all_brokers || target.kind == TargetKind::site ||
                   (target.kind == TargetKind::rack && target.rack == configuration.brokers[i].rack) ||
                   (target.kind == TargetKind::broker && target.broker == slot);
        });
        if (meant) all.push_back(slot);
    }
    return all;
}

/// Their settings are those of server.properties, with the defaults of the other release.
void read_upgrade(Fields& fields, Fault& fault, Reading& reading) {
    fault.release = read_release(fields, reading, "release");
    if (!fault.release) return;
    const bool named = std::all_of(fault.targets.begin(), fault.targets.end(), [](const Target& target) {
        return target.kind == TargetKind::all_brokers || target.kind == TargetKind::site ||
               target.kind == TargetKind::rack || target.kind == TargetKind::broker ||
               target.kind == TargetKind::controller;
    });
    if (!named)
        return reading.problems.add(
            fields.at("release"),
            "goes with brokers and controllers that are named, such as \"all brokers\"");
    for (const BrokerSlot slot : brokers_of(fault, reading.configuration)) {
        const BrokerConfiguration& broker = reading.configuration.broker(slot);
        Resolved<BrokerSettings> resolved =
            resolve_broker(reading.tables, *fault.release, broker_layers(reading, broker, {}));
        reading.report(resolved.problems, fields.at("release"));
        fault.broker_settings.emplace_back(slot, resolved.settings);
    }
}

void check_roll_targets(Fields& fields, const Fault& fault, Reading& reading) {
    for (const Target& target : fault.targets) {
        const bool data = target.kind == TargetKind::topic || target.kind == TargetKind::partition;
        const bool lonely =
            target.kind == TargetKind::controller && reading.configuration.controllers.size() == 1;
        if (data || lonely)
            reading.problems.add(
                fields.at("target"),
                "expected processes, such as \"all brokers\", \"rack a\", \"consumer billing\" "
                "or \"producer shop\", got \"" +
                    target.text + "\"");
    }
}

/// "10MB", "500kB", "4MiB" in bytes, each second.
std::optional<std::int64_t> parse_bytes(const std::string& text) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos || digits > 9) return std::nullopt;
    const std::pair<const char*, std::int64_t> units[] = {{"B", 1},         {"kB", 1000},       {"KB", 1000},
                                                          {"MB", 1000000},  {"GB", 1000000000}, {"KiB", 1024},
                                                          {"MiB", 1048576}, {"GiB", 1073741824}};
    for (const auto& [unit, factor] : units)
        if (text.substr(digits) == unit) return std::stoll(text.substr(0, digits)) * factor;
    return std::nullopt;
}

std::optional<Assignment> read_replicas(Fields& fields, Reading& reading) {
    const Json* value = fields.get("replicas");
    if (value == nullptr || !value->is_array() || value->empty() ||
        value->size() > static_cast<std::size_t>(Assignment::capacity)) {
        reading.problems.add(
            fields.at("replicas"),
            "expected the brokers that have it then, preferred leader first, such as [3, 4, 5]" +
                (value == nullptr ? "" : ", got " + shown(*value)));
        return std::nullopt;
    }
    Assignment target;
    for (std::size_t i = 0; i < value->size(); ++i) {
        const Json& id = (*value)[i];
        const auto slot =
            id.is_number_integer() ? find_broker(id.dump(), reading.configuration) : std::nullopt;
        if (!slot || target.set().has(*slot)) {
            reading.problems.add(fields.at("replicas") + "/" + std::to_string(i),
                                 (slot ? "broker stands twice: " : "no such broker: ") + shown(id));
            return std::nullopt;
        }
        target.add(*slot);
    }
    return target;
}

/// Partitions that the targets name: each, or all of a topic.
std::vector<PartitionIndex> partitions_of(Fields& fields, const Fault& fault, Reading& reading) {
    std::vector<PartitionIndex> all;
    for (const Target& target : fault.targets) {
        if (target.kind == TargetKind::partition)
            all.push_back(target.partition);
        else if (target.kind == TargetKind::topic) {
            const TopicConfiguration& topic = reading.configuration.topic(target.topic);
            for (std::int32_t i = 0; i < topic.partitions; ++i)
                all.push_back(next(topic.partition_first, i));
        } else
            reading.problems.add(fields.at("target"),
                                 "expected a partition such as \"orders-0\", got \"" + target.text + "\"");
    }
    return all;
}

void read_reassign(Fields& fields, Fault& fault, Reading& reading) {
    fault.cancel = fields.flag("cancel").value_or(false);
    fault.timeout = fields.duration("timeout").value_or(default_reassign_timeout);
    if (const auto throttle = fields.text("throttle")) {
        const auto bytes = parse_bytes(*throttle);
        if (!bytes || *bytes == 0)
            fields.wrong("throttle", "bytes per second such as \"10MB\" or \"500kB\"");
        else
            fault.throttle = *bytes;
    }
    for (const char* key : {"replicas", "throttle"})
        if (fault.cancel && fields.has(key))
            reading.problems.add(fields.at(key), "does not go with \"cancel\"");
    const std::optional<Assignment> target = fault.cancel ? Assignment{} : read_replicas(fields, reading);
    if (!target) return;
    for (const PartitionIndex partition : partitions_of(fields, fault, reading)) {
        PartitionConfiguration& configured =
            reading.configuration.partitions[static_cast<std::size_t>(partition.value)];
        configured.later_replicas = configured.later_replicas | target->set();
        // While it lasts a partition has its old replicas and the new ones.
        const BrokerSet ever = configured.assignment.set() | configured.later_replicas;
        if (ever.size() > Assignment::capacity)
            reading.problems.add(fields.at("replicas"),
                                 "expected at most 8 brokers over all reassignments of " + configured.name +
                                     ", got " + std::to_string(ever.size()));
        fault.reassigned.emplace_back(partition, *target);
    }
}

void read_finalize(Fields& fields, Fault& fault, Reading& reading) {
    fault.release = read_release(fields, reading, "release");
    fault.timeout = default_roll_timeout; // under ZooKeeper it is a roll
    if (fault.release) return;
    for (const Fault& earlier : reading.configuration.faults)
        if (earlier.kind == FaultKind::roll && earlier.release) fault.release = earlier.release;
    if (!fault.release && !fields.has("release"))
        reading.problems.add(fields.at("release"),
                             "expected a release; no \"roll\" with a release stands before this fault");
}

} // namespace

/// What roll, reassign, delete_topic, unregister and finalize have of their own, and whom they can mean.
namespace {

/// What the release that runs with ZooKeeper cannot do.
void check_zookeeper(Fields& fields, const Fault& fault, Reading& reading) {
    if (!reading.zookeeper) return;
    const std::string release(name(reading.configuration.release));
    const ZooKeeperAbilities& abilities = dialect_of(reading.configuration.release).zookeeper;
    if (fault.cancel && !abilities.reassigns_by_request)
        reading.problems.add(fields.at("cancel"), "a reassignment cannot be taken back in " + release +
                                                      ": expected release 2.4 or later (KIP-455)");
    if (fault.throttle > 0 && !abilities.throttles_replication)
        reading.problems.add(fields.at("throttle"), release + " has no throttle: expected release 0.10.2 or "
                                                              "later (KIP-73)");
    const bool newer = fault.release && *fault.release > last_zookeeper_release;
    if (newer)
        reading.problems.add(fields.at("release"), std::string(name(*fault.release)) +
                                                       " has no ZooKeeper: expected " +
                                                       std::string(name(last_zookeeper_release)) +
                                                       " or older, or \"metadata\": \"kraft\"");
}

} // namespace

void read_operation(Fields& fields, Fault& fault, Reading& reading) {
    if (fault.kind == FaultKind::roll) {
        read_policy(fields, fault, reading, nullptr);
        check_roll_targets(fields, fault, reading);
        read_upgrade(fields, fault, reading);
    }
    if (fault.kind == FaultKind::reassign) read_reassign(fields, fault, reading);
    if (fault.kind == FaultKind::finalize) read_finalize(fields, fault, reading);
    check_zookeeper(fields, fault, reading);
    for (const Target& target : fault.targets) {
        if (fault.kind == FaultKind::delete_topic && target.kind != TargetKind::topic)
            reading.problems.add(fields.at("target"), "expected \"topic NAME\", got \"" + target.text + "\"");
        if (fault.kind == FaultKind::unregister && target.kind != TargetKind::broker)
            reading.problems.add(fields.at("target"), "expected \"broker N\", got \"" + target.text + "\"");
    }
}

void read_drawn_operation(Fields& fields, WeatherFamily& family, Reading& reading) {
    Fault& fault = family.fault;
    if (fault.kind == FaultKind::roll) {
        read_policy(fields, fault, reading, &family.draws_wait);
        Fault every = fault;
        every.targets = family.among;
        check_roll_targets(fields, every, reading);
    }
    if (fault.kind != FaultKind::reassign) return;
    fault.timeout = fields.duration("timeout").value_or(default_reassign_timeout);
    for (const Target& target : family.among)
        if (target.kind != TargetKind::partition)
            reading.problems.add(fields.at("target"),
                                 "expected a partition such as \"orders-0\", got \"" + target.text + "\"");
    if (reading.zookeeper)
        reading.problems.add(fields.pointer(),
                             "\"reassign\" is not modelled under ZooKeeper yet: expected \"metadata\": "
                             "\"kraft\"");
    if (reading.configuration.brokers.size() > static_cast<std::size_t>(Assignment::capacity))
        reading.problems.add(fields.pointer(), "expected at most 8 brokers, got " +
                                                   std::to_string(reading.configuration.brokers.size()));
}

/// "consumer billing" of a roll is each of its members.
bool read_members(const std::string& text, Fault& fault, const Reading& reading) {
    const std::vector<ConsumerConfiguration>& all = reading.configuration.consumers;
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].members < 2 || "consumer " + base_name(all[i]) != text) continue;
        Target target;
        target.kind = TargetKind::consumer;
        target.index = static_cast<std::int32_t>(i);
        target.text = "consumer " + all[i].name;
        fault.targets.push_back(target);
        any = true;
    }
    return any;
}

/// Every mixture of releases and features that can come about has its dialect.
void settle_upgrades(Reading& reading) {
    Configuration& configuration = reading.configuration;
    std::vector<std::int32_t> rolls{-1};
    std::vector<std::int32_t> finalized{-1};
    for (std::size_t i = 0; i < configuration.faults.size(); ++i) {
        const Fault& fault = configuration.faults[i];
        if (fault.kind == FaultKind::roll && fault.release) rolls.push_back(static_cast<std::int32_t>(i));
        if (fault.kind == FaultKind::finalize && fault.release)
            finalized.push_back(static_cast<std::int32_t>(i));
    }
    if (rolls.size() + finalized.size() == 2) return;
    // The features of the beginning are those of the oldest release in the cluster.
    Release first = configuration.release;
    for (const BrokerConfiguration& broker : configuration.brokers)
        first = std::min(first, broker.release);
    const auto release_at = [&](std::int32_t fault, Release before) {
        return fault < 0 ? before : *configuration.faults[static_cast<std::size_t>(fault)].release;
    };
    const auto all_of = [&](Release binary) {
        std::vector<LaterDialect> later;
        for (const std::int32_t roll : rolls)
            for (const std::int32_t feature : finalized)
                later.push_back(
                    {roll, feature, dialect_of(release_at(roll, binary), release_at(feature, first))});
        return later;
    };
    for (BrokerConfiguration& broker : configuration.brokers)
        broker.later = all_of(broker.release);
    configuration.later_controllers = all_of(configuration.release);
}

} // namespace kafka::parts
