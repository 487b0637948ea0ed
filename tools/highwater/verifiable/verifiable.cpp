#include "tools/highwater/verifiable/parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace highwater {

using namespace kafka;

namespace parts {

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string place_of(const Configuration& configuration, PartitionIndex partition) {
    return fmt::format("\"topic\":{},\"partition\":{}", quoted(configuration.topic_of(partition).name),
                       configuration.partition(partition).number);
}

std::string list_of(const std::vector<std::string>& items) {
    return fmt::format("[{}]", fmt::join(items, ","));
}

} // namespace parts

namespace {

/// As Jackson writes a double. Source: Double.toString, which always has a fraction.
std::string double_text(double value) {
    const std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

/// Which keys go to the partition of each stream: record n of a producer has key n % keys.
std::vector<std::vector<std::int64_t>> keys_by_stream(const Configuration& configuration) {
    std::vector<std::vector<std::int64_t>> all(configuration.streams.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const StreamConfiguration& stream = configuration.streams[i];
        if (stream.producer == no_producer) continue;
        const ProducerConfiguration& producer = configuration.producer(stream.producer);
        const bool own_topic = configuration.partition(stream.partition).topic == producer.topic;
        if (producer.keys == 0 || producer.settings.partitioner_ignore_keys || !own_topic) continue;
        const std::int32_t count = configuration.topic(producer.topic).partitions;
        for (std::int64_t key = 0; key < producer.keys; ++key)
            if (partition_of_key(key, producer.settings.key_hash, count) ==
                configuration.partition(stream.partition).number)
                all[i].push_back(key);
    }
    return all;
}

} // namespace

Verifiable::Verifiable(const Configuration& configuration, bool verbose)
    : configuration_(configuration), verbose_(verbose), producers_(configuration.producers.size()),
      members_(configuration.consumers.size()), keys_(keys_by_stream(configuration)) {
    for (std::size_t i = 0; i < configuration.consumers.size(); ++i)
        print(configuration.consumers[i].start, configuration.producers.size() + i, "startup_complete");
}

void Verifiable::print(sim::SimTime time, std::size_t client, const std::string& name,
                       const std::string& rest) {
    lines_.push_back({time, client,
                      fmt::format("{{\"timestamp\":{},\"name\":\"{}\"{}{}}}", time.micros / 1000, name,
                                  rest.empty() ? "" : ",", rest)});
}

std::size_t Verifiable::client_of(ConsumerIndex consumer) const {
    return producers_.size() + static_cast<std::size_t>(consumer.value);
}

/// The tool's value is the number of the record. Without keys the simulator numbers the records of each
/// partition: with several partitions the value is "PARTITION.NUMBER", the form of --value-prefix.
std::string Verifiable::key_and_value(StreamIndex stream, std::int64_t number) const {
    if (stream == no_stream) return "\"key\":null,\"value\":null";
    const StreamConfiguration& of = configuration_.stream(stream);
    const std::vector<std::int64_t>& keys = keys_[static_cast<std::size_t>(stream.value)];
    if (!keys.empty()) {
        const auto cycle = static_cast<std::int64_t>(keys.size());
        const std::int64_t key = keys[static_cast<std::size_t>(number % cycle)];
        const std::int64_t all = configuration_.producer(of.producer).keys;
        return fmt::format("\"key\":\"{}\",\"value\":\"{}\"", key, number / cycle * all + key);
    }
    const PartitionConfiguration& partition = configuration_.partition(of.partition);
    if (configuration_.topic(partition.topic).partitions == 1)
        return fmt::format("\"key\":null,\"value\":\"{}\"", number);
    return fmt::format("\"key\":null,\"value\":\"{}.{}\"", partition.number, number);
}

void Verifiable::told(sim::SimTime time, ProducerIndex producer, std::int64_t records, bool acknowledged) {
    ProducerTotals& totals = producers_[static_cast<std::size_t>(producer.value)];
    (acknowledged ? totals.acknowledged : totals.failed) += records;
    totals.last = time;
}

void Verifiable::end_producer(sim::SimTime time, std::size_t producer) {
    ProducerTotals& totals = producers_[producer];
    if (totals.ended || !totals.runs) return;
    totals.ended = true;
    totals.runs = false;
    print(time, producer, "shutdown_complete");
    const std::int64_t took = time.micros / 1000 - totals.start.micros / 1000;
    const double rate = 1000 * (static_cast<double>(totals.acknowledged) / static_cast<double>(took));
    const std::string average = took > 0                   ? double_text(rate)
                                : totals.acknowledged == 0 ? "\"NaN\""
                                                           : "\"Infinity\"";
    const std::int64_t target = configuration_.producers[producer].load.empty()
                                    ? 0
                                    : configuration_.producers[producer].load.front().rate;
    print(time, producer, "tool_data",
          fmt::format("\"sent\":{},\"acked\":{},\"target_throughput\":{},\"avg_throughput\":{}", totals.sent,
                      totals.acknowledged, target == 0 ? -1 : target, average));
}

void Verifiable::on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) {
    (void)event;
    (void)world;
    on_producer(time, fact);
    on_member(time, fact);
}

void Verifiable::on_producer(sim::SimTime time, const Fact& fact) {
    if (const auto* sent = std::get_if<fact::RecordsSent>(&fact)) {
        const ProducerIndex producer = configuration_.stream(sent->stream).producer;
        if (producer == no_producer) return;
        ProducerTotals& totals = producers_[static_cast<std::size_t>(producer.value)];
        if (!totals.runs) {
            totals = ProducerTotals{true, false, time, time, 0, 0, 0};
            print(time, static_cast<std::size_t>(producer.value), "startup_complete");
        }
        totals.sent += sent->count;
    } else if (const auto* done = std::get_if<fact::RecordsAcknowledged>(&fact)) {
        const StreamConfiguration& of = configuration_.stream(done->stream);
        if (of.producer == no_producer) return;
        told(time, of.producer, done->count, true);
        for (std::int32_t i = 0; i < done->count; ++i)
            print(time, static_cast<std::size_t>(of.producer.value), "producer_send_success",
                  fmt::format("{},{},\"offset\":{}", key_and_value(done->stream, done->first.value + i),
                              parts::place_of(configuration_, of.partition),
                              done->base_offset == no_offset ? -1 : done->base_offset.value + i));
    } else if (const auto* failed = std::get_if<fact::RecordsFailed>(&fact)) {
        const StreamConfiguration& of = configuration_.stream(failed->stream);
        if (of.producer == no_producer) return;
        told(time, of.producer, failed->count, false);
        const std::string package = failed->failure == SendFailure::closed ? "" : "errors.";
        for (std::int32_t i = 0; i < failed->count; ++i)
            print(time, static_cast<std::size_t>(of.producer.value), "producer_send_error",
                  fmt::format("\"topic\":{},{},\"exception\":\"class org.apache.kafka.common.{}{}\","
                              "\"message\":null",
                              parts::quoted(configuration_.topic_of(of.partition).name),
                              key_and_value(failed->stream, failed->first.value + i), package,
                              exception_name(failed->failure)));
    } else if (const auto* ended = std::get_if<fact::ProducerEnded>(&fact)) {
        const auto producer = static_cast<std::size_t>(ended->producer.value);
        if (ended->end == ProducerEnd::closed || ended->end == ProducerEnd::closed_by_force)
            return end_producer(time, producer);
        producers_[producer].runs = false; // killed: nothing is printed
    }
}

void Verifiable::at_end(const World& world) {
    // The tool ends once it has sent --max-messages and all are decided.
    for (std::size_t i = 0; i < producers_.size(); ++i) {
        const ProducerTotals& totals = producers_[i];
        const bool decided = totals.acknowledged + totals.failed == totals.sent;
        if (totals.runs && decided && is_done(world.producers[i], configuration_))
            end_producer(totals.last, i);
    }
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const Line& a, const Line& b) { return a.time < b.time; });
}

std::vector<std::string> Verifiable::clients() const {
    std::vector<std::string> names;
    for (const ProducerConfiguration& producer : configuration_.producers)
        names.push_back(producer.name);
    for (const ConsumerConfiguration& consumer : configuration_.consumers)
        names.push_back(consumer.name);
    return names;
}

std::string Verifiable::text(const std::string& client) const {
    const std::vector<std::string> names = clients();
    std::string out;
    for (const Line& line : lines_)
        if (client.empty() || names[line.client] == client) out += line.text + "\n";
    return out;
}

} // namespace highwater
