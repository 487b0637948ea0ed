#pragma once
// Who and what a written trace speaks of, found before its facts are read.

#include "models/turn/configuration.hpp"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace highwater {

using TraceLine = nlohmann::json;

/// "shop/2:17-20" taken apart; the producer's name may hold anything.
struct Records {
    std::string producer;
    std::int32_t partition = -1; // -1: the topic has one
    std::int64_t first = 0, last = 0;
};

inline bool to_number(std::string_view text, std::int64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty() && value >= 0;
}

inline bool take_apart(const std::string& text, Records& records) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return false;
    const std::string span = text.substr(colon + 1);
    const std::size_t dash = span.find('-');
    if (!to_number(span.substr(0, dash), records.first)) return false;
    records.last = records.first;
    if (dash != std::string::npos && !to_number(span.substr(dash + 1), records.last)) return false;
    if (records.last < records.first || records.last - records.first >= 2147483647) return false;
    records.producer = text.substr(0, colon);
    const std::size_t slash = records.producer.rfind('/');
    std::int64_t number = 0;
    if (slash != std::string::npos && to_number(records.producer.substr(slash + 1), number) &&
        number < 100000) {
        records.partition = static_cast<std::int32_t>(number);
        records.producer.resize(slash);
    }
    return true;
}

/// Names in order of appearance, with their places.
struct Names {
    std::map<std::string, std::int32_t> places;
    std::vector<std::string> list;
    std::int32_t place(const std::string& name) {
        const auto [at, fresh] = places.emplace(name, static_cast<std::int32_t>(list.size()));
        if (fresh) list.push_back(name);
        return at->second;
    }
};

/// First pass: who and what the trace speaks of.
struct Census {
    std::set<std::int64_t> brokers;
    std::set<std::int64_t> controllers; // of a quorum of several
    bool zookeeper = false;
    Names partitions, producers, consumers, faults, groups, transactional_ids;
    std::map<std::pair<std::string, std::int32_t>, std::int32_t> streams;

    void process(const std::string& text) {
        std::int64_t id = 0;
        zookeeper = zookeeper || text == "zookeeper";
        if (text.rfind("broker ", 0) == 0 && to_number(text.substr(7), id)) brokers.insert(id);
        if (text.rfind("controller ", 0) == 0 && to_number(text.substr(11), id)) controllers.insert(id);
        if (text.rfind("producer ", 0) == 0) producers.place(text.substr(9));
        if (text.rfind("consumer ", 0) == 0) consumers.place(text.substr(9));
    }
    void member(const std::string& key, const TraceLine& value) {
        if (value.is_array())
            for (const TraceLine& id : value)
                if (id.is_number_integer()) brokers.insert(id.get<std::int64_t>());
        const bool names_broker = key == "broker" || key == "leader" || key == "follower" || key == "from";
        if (value.is_number_integer() && names_broker && key != "from")
            brokers.insert(value.get<std::int64_t>());
        if (value.is_number_integer() && (key == "voter" || key == "quorum_leader"))
            controllers.insert(value.get<std::int64_t>());
        if (!value.is_string()) return;
        const std::string text = value.get<std::string>();
        Records records;
        if (key == "partition") partitions.place(text);
        if (key == "producer" && !text.empty()) producers.place(text);
        if (key == "consumer" && !text.empty()) consumers.place(text);
        if (key == "fault") faults.place(text);
        if (key == "group") groups.place(text);
        if (key == "transactional_id") transactional_ids.place(text);
        if (key == "target") process(text);
        if ((key == "records" || key == "from") && take_apart(text, records)) {
            producers.place(records.producer);
            streams.emplace(std::pair{records.producer, records.partition}, 0);
        }
    }
    void line(const TraceLine& object) {
        const bool delivered = object.value("fact", TraceLine()) == "Delivered";
        zookeeper = zookeeper || object.value("fact", TraceLine()) == "ControllerChanged";
        for (const auto& item : object.items())
            member(item.key(), item.value());
        if (delivered && object.contains("from") && object["from"].is_number_integer())
            brokers.insert(object["from"].get<std::int64_t>());
    }
    kafka::Configuration configuration() {
        kafka::Configuration names;
        for (const std::int64_t id : controllers)
            names.controllers.push_back({kafka::BrokerId{static_cast<std::int32_t>(id)}, kafka::no_slot});
        if (zookeeper) {
            names.metadata = kafka::MetadataType::zookeeper;
            names.zookeeper_servers = 1;
        } else if (names.controllers.empty())
            names.controllers.push_back({kafka::BrokerId{101}, kafka::no_slot});
        else if (names.controllers.size() == 1) // one of several
            names.controllers.push_back({kafka::BrokerId{2147483647}, kafka::no_slot});
        for (const std::int64_t id : brokers) {
            kafka::BrokerConfiguration broker;
            broker.id = kafka::BrokerId{static_cast<std::int32_t>(id)};
            names.brokers.push_back(broker);
        }
        for (const std::string& partition : partitions.list) {
            names.partitions.push_back({});
            names.partitions.back().name = partition;
        }
        kafka::TopicConfiguration one;
        names.topics.push_back(one);
        one.partitions = 2;
        names.topics.push_back(one); // of producers whose records name a partition
        for (const std::string& producer : producers.list) {
            names.producers.push_back({});
            names.producers.back().name = producer;
        }
        for (auto& [stream, place] : streams) { // each stream has a partition without a name
            place = static_cast<std::int32_t>(names.streams.size());
            const kafka::ProducerIndex producer{producers.place(stream.first)};
            names.streams.push_back(
                {producer, kafka::PartitionIndex{static_cast<std::int32_t>(names.partitions.size())}});
            names.partitions.push_back({});
            names.partitions.back().number = stream.second;
            if (stream.second >= 0)
                names.producers[static_cast<std::size_t>(producer.value)].topic = kafka::TopicIndex{1};
        }
        for (const std::string& consumer : consumers.list) {
            names.consumers.push_back({});
            names.consumers.back().name = consumer;
        }
        for (const std::string& group : groups.list) {
            names.groups.push_back({});
            names.groups.back().name = group;
        }
        for (const std::string& id : transactional_ids.list) {
            names.transactional_ids.push_back({});
            names.transactional_ids.back().name = id;
        }
        for (const std::string& fault : faults.list) {
            names.faults.push_back({});
            names.faults.back().name = fault;
        }
        return names;
    }
};

} // namespace highwater
