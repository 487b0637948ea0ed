#include "models/scenario/parts.hpp"

#include "models/vocabulary/batch.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr std::size_t longest_name = 249; // Source: Topic.MAX_NAME_LENGTH
constexpr std::size_t most_faults = 2000;
constexpr std::size_t most_expectations = 10000;
constexpr std::int64_t most_batches = 50000000;
constexpr std::int64_t most_rounds = 2000000000; // of followers that ask in vain
constexpr std::int64_t most_key_steps = 2000000; // keys x partitions, looked at whenever records arrive

template <class Items> void check_names(const Items& items, const std::string& pointer, Reading& reading) {
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].name.size() > longest_name)
            reading.problems.add(pointer + "/" + std::to_string(i) + "/name",
                                 "expected at most " + std::to_string(longest_name) + " characters");
}

/// Batches that a load becomes at the least, when every batch is full.
std::int64_t batches_of(const ProducerConfiguration& producer) {
    const std::int64_t each = std::max<std::int64_t>(1, (producer.settings.batch_size - 61) /
                                                            (producer.record_bytes + record_overhead));
    std::int64_t count = 0;
    for (const LoadSegment& segment : producer.load)
        count += segment.count / each + 1;
    return count;
}

void check_loads(Reading& reading) {
    const Configuration& configuration = reading.configuration;
    std::int64_t batches = 0;
    for (std::size_t i = 0; i < configuration.producers.size(); ++i) {
        const ProducerConfiguration& producer = configuration.producers[i];
        if (producer.load.size() > 10000)
            reading.problems.add("/producers/" + std::to_string(i) + "/records/schedule",
                                 "expected at most 10000 pieces");
        batches += batches_of(producer);
        if (configuration.topics.empty()) continue;
        const std::int64_t steps =
            std::int64_t{producer.keys} * configuration.topic(producer.topic).partitions;
        if (steps > most_key_steps)
            reading.problems.add("/producers/" + std::to_string(i) + "/records/key",
                                 "expected keys x partitions to be at most " +
                                     std::to_string(most_key_steps) + ", got " + std::to_string(steps));
    }
    if (batches > most_batches)
        reading.problems.add("/producers", "about " + std::to_string(batches) +
                                               " batches would not end within a day; expected at most " +
                                               std::to_string(most_batches));
}

/// Every follower asks every leader at least once a replica.fetch.wait.max.ms, records or not.
void check_length(Reading& reading) {
    const Configuration& configuration = reading.configuration;
    if (!configuration.until) return;
    std::int64_t rounds = 0;
    for (const BrokerConfiguration& broker : configuration.brokers) {
        const std::int64_t wait = std::max<std::int64_t>(broker.settings.replica_fetch_wait_max.micros, 1000);
        rounds += configuration.until->micros / wait *
                  (static_cast<std::int64_t>(configuration.brokers.size()) - 1);
    }
    if (rounds > most_rounds)
        reading.problems.add("/until",
                             "about " + std::to_string(rounds) +
                                 " rounds of followers would not end within a day; expected at most " +
                                 std::to_string(most_rounds));
}

} // namespace

void check_limits(Reading& reading) {
    const Configuration& configuration = reading.configuration;
    check_names(configuration.topics, "/topics", reading);
    check_names(configuration.producers, "/producers", reading);
    check_names(configuration.consumers, "/consumers", reading);
    if (configuration.faults.size() > most_faults)
        reading.problems.add("/faults", "expected at most " + std::to_string(most_faults));
    if (reading.scenario.expectations.size() > most_expectations)
        reading.problems.add("/expect", "expected at most " + std::to_string(most_expectations));
    check_loads(reading);
    check_length(reading);
}

} // namespace kafka::parts
