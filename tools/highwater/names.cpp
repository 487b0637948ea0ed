#include "tools/highwater/names.hpp"

#include <fmt/format.h>

namespace highwater {

int broker_id(const kafka::Configuration& configuration, kafka::BrokerSlot slot) {
    return slot == kafka::no_slot ? -1 : configuration.broker(slot).id.value;
}

std::vector<int> broker_ids(const kafka::Configuration& configuration, kafka::BrokerSet set) {
    std::vector<int> ids;
    for (kafka::BrokerSlot slot = set.first(); slot != kafka::no_slot; slot = set.after(slot))
        ids.push_back(broker_id(configuration, slot));
    return ids;
}

std::string process_name(const kafka::Configuration& configuration, kafka::BrokerSlot process) {
    if (process == kafka::no_slot) return "";
    auto index = static_cast<std::size_t>(process.value);
    if (index < configuration.brokers.size())
        return fmt::format("broker {}", configuration.brokers[index].id.value);
    index -= configuration.brokers.size();
    if (index < configuration.controllers.size())
        return configuration.controllers.size() == 1
                   ? "controller"
                   : fmt::format("controller {}", configuration.controllers[index].id.value);
    index -= configuration.controllers.size();
    const auto servers = static_cast<std::size_t>(configuration.zookeeper_servers);
    if (index < servers) return servers == 1 ? "zookeeper" : fmt::format("zookeeper {}", index + 1);
    index -= servers;
    if (index < configuration.producers.size()) return "producer " + configuration.producers[index].name;
    return "consumer " + configuration.consumers[index - configuration.producers.size()].name;
}

std::string record_name(const kafka::Configuration& configuration, kafka::StreamIndex stream,
                        std::int64_t value) {
    if (stream == kafka::no_stream) return fmt::format("marker:{}", value);
    const kafka::StreamConfiguration& of = configuration.stream(stream);
    if (of.producer == kafka::no_producer)
        return fmt::format("{}:{}", configuration.partition(of.partition).name, value);
    const kafka::ProducerConfiguration& producer = configuration.producer(of.producer);
    if (configuration.topic(producer.topic).partitions == 1)
        return producer.name + ':' + std::to_string(value);
    return producer.name + '/' + std::to_string(configuration.partition(of.partition).number) + ':' +
           std::to_string(value);
}

std::string records_name(const kafka::Configuration& configuration, kafka::StreamIndex stream,
                         std::int64_t first, std::int64_t end) {
    const std::string name = record_name(configuration, stream, first);
    return end - first == 1 ? name : fmt::format("{}-{}", name, end - 1);
}

std::string time_text(std::int64_t micros) {
    if (micros >= 1000000) return fmt::format("{}.{:03} s", micros / 1000000, micros % 1000000 / 1000);
    return fmt::format("{}.{:03} ms", micros / 1000, micros % 1000);
}

std::string count_text(std::int64_t count) {
    std::string digits = std::to_string(count);
    for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > (count < 0 ? 1 : 0); i -= 3)
        digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

std::vector<kafka::BrokerSlot> every_replica(const kafka::PartitionConfiguration& partition) {
    std::vector<kafka::BrokerSlot> all(partition.assignment.begin(), partition.assignment.end());
    const kafka::BrokerSet later = partition.later_replicas - partition.assignment.set();
    for (kafka::BrokerSlot slot = later.first(); slot != kafka::no_slot; slot = later.after(slot))
        all.push_back(slot);
    return all;
}

} // namespace highwater
