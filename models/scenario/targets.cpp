#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr const char* target_forms =
    "\"broker 2\", \"controller\", \"controller 101\", \"leader of orders-0\", \"follower of "
    "orders-0\", \"follower 2 of orders-0\", \"rack a\", \"zone a\", \"site\", "
    "\"topic orders\", \"orders-0\", \"producer shop\", \"consumer "
    "billing\", \"coordinator of GROUP\", \"host of ...\", \"target of NAME\", "
    "\"all brokers\" or \"any broker\"";

bool starts(const std::string& text, const std::string& with, std::string& rest) {
    if (text.rfind(with, 0) != 0) return false;
    rest = text.substr(with.size());
    return true;
}

template <class Items> std::vector<std::string> names_of(const Items& items) {
    std::vector<std::string> names;
    for (const auto& item : items)
        names.push_back(item.name);
    return names;
}

struct TargetReader {
    const std::string& pointer;
    Reading& reading;

    std::optional<Target> nothing(const std::string& what, const std::string& got,
                                  const std::vector<std::string>& candidates) {
        reading.problems.add(pointer,
                             "no such " + what + ": \"" + got + "\"" + did_you_mean(got, candidates));
        return std::nullopt;
    }
    std::optional<Target> of_partition(TargetKind kind, const std::string& partition, std::int32_t nth) {
        const auto found = find_partition(partition, reading.configuration);
        if (!found) return nothing("partition", partition, names_of(reading.configuration.partitions));
        Target target;
        target.kind = kind;
        target.partition = *found;
        target.nth = nth;
        return target;
    }
    std::optional<Target> follower(const std::string& rest) { // "of orders-0" or "2 of orders-0"
        std::string partition;
        if (starts(rest, "of ", partition)) return of_partition(TargetKind::follower_of, partition, 1);
        const bool counted =
            rest.size() > 5 && rest[0] >= '1' && rest[0] <= '7' && rest.substr(1, 4) == " of ";
        if (counted) return of_partition(TargetKind::follower_of, rest.substr(5), rest[0] - '0');
        reading.problems.add(pointer, "expected \"follower of PARTITION\" or \"follower 2 of PARTITION\"");
        return std::nullopt;
    }
    template <class Items>
    std::optional<Target> named(TargetKind kind, const char* what, const std::string& wanted,
                                const Items& items) {
        Target target;
        target.kind = kind;
        for (std::size_t i = 0; i < items.size(); ++i)
            if (items[i].name == wanted) target.index = static_cast<std::int32_t>(i);
        if (target.index < 0) return nothing(what, wanted, names_of(items));
        return target;
    }
    /// "rack": its brokers. "zone": everybody there.
    std::optional<Target> rack(TargetKind kind, const std::string& wanted) {
        std::vector<std::string> racks;
        for (const BrokerConfiguration& broker : reading.configuration.brokers)
            racks.push_back(broker.rack);
        if (kind == TargetKind::zone) {
            for (const ControllerConfiguration& one : reading.configuration.controllers)
                racks.push_back(one.rack);
            for (const ProducerConfiguration& one : reading.configuration.producers)
                racks.push_back(one.rack);
            for (const ConsumerConfiguration& one : reading.configuration.consumers)
                racks.push_back(one.rack);
        }
        if (std::find(racks.begin(), racks.end(), wanted) == racks.end())
            return nothing("rack", wanted, racks);
        Target target;
        target.kind = kind;
        target.rack = wanted;
        return target;
    }
    std::optional<Target> broker(const std::string& id) {
        const auto slot = find_broker(id, reading.configuration);
        if (!slot) return nothing("broker", id, {});
        Target target;
        target.kind = TargetKind::broker;
        target.broker = *slot;
        return target;
    }
    std::optional<Target> topic(const std::string& wanted) {
        const auto found = find_topic(wanted, reading.configuration);
        if (!found) return nothing("topic", wanted, names_of(reading.configuration.topics));
        Target target;
        target.kind = TargetKind::topic;
        target.topic = *found;
        return target;
    }
    /// Of a group, else of a transactional id.
    std::optional<Target> coordinator(const std::string& wanted) {
        std::vector<std::string> known;
        for (const auto* all : {&reading.configuration.groups, &reading.configuration.transactional_ids})
            for (const CoordinatedConfiguration& one : *all) {
                known.push_back(one.name);
                if (one.name != wanted) continue;
                Target target;
                target.kind = TargetKind::coordinator_of;
                target.partition = one.partition;
                return target;
            }
        return nothing("group or transactional.id", wanted, known);
    }
    std::optional<Target> controller(const std::string& id) {
        std::vector<std::string> ids;
        Target target;
        target.kind = TargetKind::controller;
        for (const ControllerConfiguration& one : reading.configuration.controllers) {
            if (std::to_string(one.id.value) == id) target.index = static_cast<std::int32_t>(ids.size());
            ids.push_back(std::to_string(one.id.value));
        }
        if (target.index < 0) return nothing("controller", id, ids);
        return target;
    }
    std::optional<Target> simple(TargetKind kind) {
        Target target;
        target.kind = kind;
        return target;
    }
    std::optional<Target> read(const std::string& text) {
        std::string rest;
        const Configuration& configuration = reading.configuration;
        if (text == "controller") return simple(TargetKind::controller);
        if (starts(text, "controller ", rest)) return controller(rest);
        if (text == "all brokers") return simple(TargetKind::all_brokers);
        if (text == "any broker") return simple(TargetKind::any_broker);
        if (starts(text, "broker ", rest)) return broker(rest);
        if (starts(text, "leader of ", rest)) return of_partition(TargetKind::leader_of, rest, 1);
        if (starts(text, "follower ", rest)) return follower(rest);
        if (starts(text, "rack ", rest)) return rack(TargetKind::rack, rest);
        if (starts(text, "zone ", rest)) return rack(TargetKind::zone, rest);
        if (text == "site") return simple(TargetKind::site);
        if (starts(text, "topic ", rest)) return topic(rest);
        if (starts(text, "producer ", rest))
            return named(TargetKind::producer, "producer", rest, configuration.producers);
        if (starts(text, "consumer ", rest))
            return named(TargetKind::consumer, "consumer", rest, configuration.consumers);
        if (starts(text, "target of ", rest))
            return named(TargetKind::target_of, "fault before this one", rest, configuration.faults);
        if (starts(text, "coordinator of ", rest)) return coordinator(rest);
        if (text == "zookeeper") {
            if (configuration.has_zookeeper()) return simple(TargetKind::zookeeper);
            reading.problems.add(pointer, "there is no ZooKeeper: expected \"metadata\": \"zookeeper\"");
            return std::nullopt;
        }
        if (starts(text, "host of ", rest)) {
            std::optional<Target> target = read(rest);
            if (!target) return target;
            target->host = target->kind;
            target->kind = TargetKind::host_of;
            return target;
        }
        if (find_partition(text, configuration)) return of_partition(TargetKind::partition, text, 1);
        reading.problems.add(pointer, std::string("expected ") + target_forms + ", got \"" + text + "\"");
        return std::nullopt;
    }
};

} // namespace

std::optional<Target> read_target(const std::string& text, const std::string& pointer, Reading& reading) {
    TargetReader reader{pointer, reading};
    std::optional<Target> target = reader.read(text);
    if (target) target->text = text;
    return target;
}

} // namespace kafka::parts
