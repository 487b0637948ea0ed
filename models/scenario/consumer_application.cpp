// "application" of a consumer: what the user's own code does between two polls.

#include "models/scenario/parts.hpp"

namespace kafka::parts {

std::vector<std::string> consumer_application_keys() {
    return {"commit",      "commit_every", "commit_call",   "commit_offsets", "on_revoke",
            "shutdown",    "process_time", "spike",         "spike_every",    "sink",
            "fails",       "on_failure",   "retries",       "retry_after",    "then",
            "retry_topic", "dead_letter",  "restart_after", "state",          "state_every"};
}

namespace {

void read_commit(Fields& fields, ConsumerApplication& application, Reading& reading, bool auto_commit) {
    const auto style = fields.word("commit", {"auto", "before-processing", "after-processing", "none"});
    application.commit = !style             ? (auto_commit ? CommitStyle::automatic : CommitStyle::never)
                         : *style == "auto" ? CommitStyle::automatic
                         : *style == "none" ? CommitStyle::never
                         : *style == "before-processing" ? CommitStyle::before_processing
                                                         : CommitStyle::after_processing;
    if (application.commit == CommitStyle::automatic && !auto_commit)
        reading.problems.add(fields.at("commit"), "\"auto\" needs enable.auto.commit=true");
    if (style && application.commit != CommitStyle::automatic && auto_commit)
        reading.warn("enable.auto.commit=true commits beside the application's own commits");
    const bool own = application.commit == CommitStyle::before_processing ||
                     application.commit == CommitStyle::after_processing;
    const Json* every = fields.get("commit_every");
    application.commit_each_record = every != nullptr && *every == "record";
    const bool counted = every != nullptr && every->is_number_integer();
    if (counted)
        application.commit_every =
            static_cast<std::int32_t>(fields.whole("commit_every", 1, 1000000).value_or(1));
    else if (every != nullptr && *every != "record" && *every != "batch")
        fields.wrong("commit_every", "\"record\", \"batch\", or a number of batches");
    application.commit_waits = fields.word("commit_call", {"sync", "async"}).value_or("sync") == "sync";
    const bool in_transactions = application.output.transactional;
    const std::string usual = application.commit_each_record || in_transactions ? "processed" : "position";
    const std::string offsets =
        fields.word("commit_offsets", {"position", "processed", "last-processed"}).value_or(usual);
    application.offsets = offsets == "position"    ? CommittedOffsets::position
                          : offsets == "processed" ? CommittedOffsets::processed
                                                   : CommittedOffsets::last_processed;
    if (in_transactions && application.commit != CommitStyle::after_processing)
        reading.problems.add(fields.at("commit"), "expected \"after-processing\": results are written in "
                                                  "transactions, which the code commits");
    if (in_transactions && !application.commit_waits)
        reading.problems.add(fields.at("commit_call"), "expected \"sync\": commitTransaction() waits");
    for (const char* key : {"commit_every", "commit_call", "commit_offsets"})
        if (fields.has(key) && !own)
            reading.problems.add(fields.at(key),
                                 "goes with \"commit\": \"before-processing\" or \"after-processing\"");
    if (application.offsets == CommittedOffsets::last_processed &&
        application.commit == CommitStyle::before_processing)
        reading.problems.add(fields.at("commit_offsets"), "nothing is processed yet when it commits before");
}

} // namespace

/// Leaves out: worker threads.
void read_consumer_application(Fields& consumer_fields, ConsumerConfiguration& consumer,
                               std::optional<ProducerConfiguration>& output, Reading& reading) {
    const Json* given = consumer_fields.get("application");
    if (given != nullptr && !given->is_object()) return consumer_fields.wrong("application", "an object");
    if (consumer.group == no_group) {
        if (given != nullptr)
            reading.problems.add(consumer_fields.at("application"),
                                 "goes with \"group\": a consumer without one only reads");
        return;
    }
    const Json merged = with_application_overrides(reading.overrides, given, "consumer", consumer.name,
                                                   consumer_application_keys());
    Fields fields(merged, consumer_fields.at("application"), reading.problems);
    ConsumerApplication& application = consumer.application;
    read_failing(fields, consumer, reading);
    read_output(fields, consumer_fields, consumer, output, reading);
    read_commit(fields, application, reading, consumer.settings.member.enable_auto_commit);
    if (fields.word("on_revoke", {"nothing", "commit"}).value_or("nothing") == "commit")
        application.on_revoke = RevokeStyle::commit;
    if (fields.word("shutdown", {"close", "exit"}).value_or("close") == "exit")
        application.shutdown = ShutdownStyle::exit;
    application.idempotent_sink =
        fields.word("sink", {"append", "idempotent"}).value_or("append") == "idempotent";
    const std::string state = fields.word("state", {"none", "apart", "together"}).value_or("none");
    application.state = state == "apart"      ? StateStore::apart
                        : state == "together" ? StateStore::together
                                              : StateStore::none;
    const auto every = fields.word("state_every", {"batch", "record"});
    application.state_each_record = every.value_or("batch") == "record";
    if (every && application.state == StateStore::none)
        reading.problems.add(fields.at("state_every"), "goes with \"state\": \"apart\" or \"together\"");
    if (const Json* time = fields.get("process_time"); time != nullptr && time->is_object()) {
        application.process_time_varies = true;
        application.process_time = fields.latency("process_time").value_or(application.process_time);
    } else if (const auto fixed = fields.duration("process_time")) {
        application.process_time = {*fixed, *fixed, *fixed};
    }
    application.spike_every = fields.whole("spike_every", 1, 1000000000).value_or(0);
    application.spike = fields.duration("spike").value_or(sim::Duration{0});
    if (fields.has("spike") != fields.has("spike_every"))
        reading.problems.add(fields.pointer(), "\"spike\" and \"spike_every\" go together");
    const bool more = application.fails.any() || application.state != StateStore::none;
    if (application.output.transactional && more)
        reading.problems.add(fields.at("output"), "transactional.id together with \"fails\" or \"state\" "
                                                  "is not modelled yet: leave one of them out");
    fields.finish();
}

/// Source: ConsumerConfig; KIP-848: feature group.version=1 needs every broker at 4.0. In 3.7 to 3.9 the
/// protocol was early access, not for production and without a way to upgrade.
void check_member(const ConsumerConfiguration& consumer, const std::string& pointer, Reading& reading) {
    const bool asks =
        consumer.group != no_group && consumer.settings.member.protocol == GroupProtocol::consumer;
    if (!asks) return;
    const std::string at = pointer + "/config/group.protocol";
    if (!consumer.dialect.group.consumer_protocol)
        return reading.problems.add(at, "expected a client of release 4.0 or later: \"consumer\" (KIP-848) "
                                        "was early access before and is not modelled there");
    for (const BrokerConfiguration& broker : reading.configuration.brokers)
        if (!broker.dialect.group.consumer_protocol)
            return reading.problems.add(at, "expected brokers of release 4.0 or later: the client of an "
                                            "older cluster ends with UnsupportedVersionException");
}

/// Puts the consumer into the configuration, once for each member.
void add_members(ConsumerConfiguration consumer, std::int32_t members,
                 const std::optional<ProducerConfiguration>& output, Reading& reading) {
    const std::string name = consumer.name;
    const std::string instance = consumer.settings.member.instance_id;
    consumer.members = members;
    for (std::int32_t i = 1; i <= members; ++i) {
        consumer.member = i;
        if (members > 1) consumer.name = name + "/" + std::to_string(i);
        if (members > 1 && !instance.empty())
            consumer.settings.member.instance_id = instance + "-" + std::to_string(i);
        consumer.instance = instance_of(consumer, reading.configuration);
        if (output) {
            ProducerConfiguration producer = *output;
            producer.name = consumer.name + " output";
            producer.owner = ConsumerIndex{static_cast<std::int32_t>(reading.configuration.consumers.size())};
            if (members > 1 && !producer.settings.transactional_id.empty())
                producer.settings.transactional_id += "-" + std::to_string(i);
            consumer.application.output.producer = add_producer(std::move(producer), reading.configuration);
        }
        reading.configuration.consumers.push_back(consumer);
    }
}

} // namespace kafka::parts
