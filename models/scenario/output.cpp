// "output" of a consumer's application: a producer in the same process.

#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Code that writes in transactions waits for each of them, and aborts what fails.
void read_transactional(Fields& fields, ConsumerConfiguration& consumer, Reading& reading) {
    ConsumerOutput& output = consumer.application.output;
    output.offsets_in_transaction =
        fields.word("offsets", {"transaction", "apart"}).value_or("transaction") == "transaction";
    output.group_metadata = fields.flag("group_metadata").value_or(true);
    for (const char* key : {"offsets", "group_metadata"})
        if (fields.has(key) && !output.transactional)
            reading.problems.add(fields.at(key), "goes with the setting transactional.id");
    if (fields.has("group_metadata") && !output.offsets_in_transaction)
        reading.problems.add(fields.at("group_metadata"), "goes with \"offsets\": \"transaction\"");
    for (const char* key : {"wait", "on_error"})
        if (fields.has(key) && output.transactional)
            reading.problems.add(fields.at(key),
                                 "does not go with transactional.id: commitTransaction() waits "
                                 "for all results, and a failed one aborts the transaction");
    if (output.transactional && consumer.settings.member.enable_auto_commit)
        reading.problems.add(fields.pointer(),
                             "results in transactions need enable.auto.commit=false: it would "
                             "commit offsets beside them");
}

void read_waits(Fields& fields, ConsumerOutput& output, Reading& reading) {
    const std::string wait = fields.word("wait", {"commit", "record", "never"}).value_or("commit");
    output.wait = wait == "record"   ? ResultWait::each_record
                  : wait == "commit" ? ResultWait::before_commit
                                     : ResultWait::never;
    const auto failure = fields.word("on_error", {"halt", "log"});
    output.on_failure = failure.value_or("halt") == "halt" ? ResultFailure::halt : ResultFailure::log;
    if (failure && output.wait == ResultWait::never)
        reading.problems.add(fields.at("on_error"), "code that never waits for a result learns of no error");
    if (fields.word("partition", {"any", "same"}).value_or("any") == "same")
        output.partition = ResultPartition::same;
}

/// The topic of results, if there are any, and those that take records that failed.
void read_topics_written(Fields& fields, ConsumerConfiguration& consumer, ProducerConfiguration& producer,
                         Reading& reading) {
    const FailurePolicy& policy = consumer.application.on_failure;
    std::vector<TopicIndex> topics;
    const auto topic = fields.text("topic");
    const auto found = topic ? find_topic(*topic, reading.configuration) : std::nullopt;
    if (topic && !found) reading.problems.add(fields.at("topic"), "no such topic: \"" + *topic + "\"");
    if (!topic && !policy.forwards())
        reading.problems.add(fields.at("topic"), "expected the topic that takes the results");
    for (const TopicIndex read : consumer.topics)
        if (found && read == *found)
            reading.problems.add(fields.at("topic"), "expected a topic that the consumer does not read");
    if (found) topics.push_back(*found);
    if (found) consumer.application.output.topic = *found;
    for (const TopicIndex other : {policy.retry_topic, policy.dead_letter})
        if (other.value >= 0 && std::find(topics.begin(), topics.end(), other) == topics.end())
            topics.push_back(other);
    if (topics.empty()) return;
    producer.topic = topics.front();
    producer.more_topics.assign(topics.begin() + 1, topics.end());
}

} // namespace

void read_output(Fields& application_fields, Fields& consumer_fields, ConsumerConfiguration& consumer,
                 std::optional<ProducerConfiguration>& output, Reading& reading) {
    const Json* value = application_fields.get("output");
    const FailurePolicy& policy = consumer.application.on_failure;
    if (value == nullptr && !policy.forwards()) return;
    const Json nothing = Json::object();
    Fields fields(value == nullptr ? nothing : *value, application_fields.at("output"), reading.problems);
    ProducerConfiguration producer;
    producer.name = consumer.name + " output"; // a name that no scenario's producer needs
    producer.release = consumer.release;
    const Layer preset = read_client(consumer_fields, SettingScope::producer, producer.release, reading);
    producer.monotonic = !preset.values.empty();
    producer.dialect = dialect_of(producer.release);
    producer.rack = consumer.rack;
    read_topics_written(fields, consumer, producer, reading);
    producer.record_bytes = static_cast<std::int32_t>(fields.whole("size", 1, 100000000).value_or(100));
    read_waits(fields, consumer.application.output, reading);
    if (consumer.application.output.wait == ResultWait::never)
        producer.application.send = SendStyle::fire_and_forget;
    const ConfigMap own = reading.own_config(fields, "config");
    for (const ProducerConfiguration& other : reading.configuration.producers)
        if (other.name == producer.name)
            reading.problems.add(fields.pointer(), "producer \"" + producer.name + "\" stands twice");
    settle_producer(producer, own, preset, fields.at("config"), reading);
    consumer.application.output.transactional = !producer.settings.transactional_id.empty();
    read_transactional(fields, consumer, reading);
    fields.finish();
    output = std::move(producer);
}

} // namespace kafka::parts
