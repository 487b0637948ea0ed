#include "models/scenario/parts.hpp"
#include "models/settings/presets.hpp"

#include <algorithm>

namespace kafka::parts {

/// "client": the library. A Java client is its release; another one has defaults of its own.
Layer read_client(Fields& fields, SettingScope scope, Release& release, Reading& reading) {
    const Layer nothing{SettingSource::client_preset, {}};
    const std::optional<std::string> client = fields.text("client");
    if (!client) return nothing;
    if (const auto java = java_release_of(*client)) {
        if (fields.has("release") && *java != release)
            reading.problems.add(fields.at("client"), "a Java client is its release; the two differ");
        release = *java;
        return nothing;
    }
    const auto preset = client_preset(*client, scope, release, reading.tables);
    if (!preset) {
        std::vector<std::string> names = client_names();
        names.insert(names.begin(), "java-4.3");
        std::string known;
        for (const std::string& one : names)
            known += (known.empty() ? "\"" : ", \"") + one + "\"";
        reading.problems.add(fields.at("client"), "expected one of " + known + ", got \"" + *client + "\"");
        return nothing;
    }
    for (const std::string& note : preset->left_out)
        reading.warn("client " + *client + ", left out: " + note);
    return preset->layer;
}

void settle_producer(ProducerConfiguration& producer, const ConfigMap& own, const Layer& client,
                     const std::string& config_pointer, Reading& reading) {
    const Layer layers[] = {
        {SettingSource::override_x,
         reading.overrides.for_place(SettingScope::producer, producer.name, reading.tables)},
        reading.preset_layer(SettingScope::producer),
        {SettingSource::client_config, own},
        client};
    Resolved<ProducerSettings> resolved = resolve_producer(reading.tables, producer.release, layers);
    reading.report(resolved.problems, config_pointer);
    for (const std::string& warning : resolved.warnings)
        reading.warn(warning);
    producer.settings = resolved.settings;
    reading.scenario.effective.push_back({"producer " + producer.name, std::move(resolved.effective)});
}

namespace {

constexpr std::int64_t most_records = 1000000000000;

/// "schedule": pieces of load with their own times.
void read_schedule(const Json& value, const std::string& pointer, ProducerConfiguration& producer,
                   Reading& reading) {
    if (!value.is_array() || value.empty())
        return reading.problems.add(pointer, "expected a list of {\"at\", \"count\", \"rate\"}");
    for (std::size_t i = 0; i < value.size(); ++i) {
        Fields piece(value[i], pointer + "/" + std::to_string(i), reading.problems);
        LoadSegment segment;
        segment.start = sim::SimTime{piece.duration("at").value_or(sim::Duration{0}).micros};
        segment.count = piece.whole("count", 1, most_records).value_or(1);
        segment.rate = piece.whole("rate", 1, 1000000000).value_or(0);
        piece.finish();
        if (!producer.load.empty() && segment.start < producer.load.back().start)
            reading.problems.add(piece.at("at"), "expected pieces in order of time");
        producer.load.push_back(segment);
    }
}

/// What makes records compressible, impossible to serialize, or larger than the others.
void read_odd_records(Fields& records, ProducerConfiguration& producer, Reading& reading) {
    producer.compressed_percent =
        static_cast<std::int32_t>(records.whole("compressed_percent", 1, 100).value_or(50));
    producer.unserializable_every = records.whole("unserializable_every", 1, most_records).value_or(0);
    const Json* oversized = records.get("oversized");
    if (oversized == nullptr) return;
    Fields fields(*oversized, records.at("oversized"), reading.problems);
    producer.oversized_every = fields.whole("every", 1, most_records).value_or(1);
    producer.oversized_bytes =
        static_cast<std::int32_t>(fields.whole("size", 1, 1000000000).value_or(2000000));
    fields.finish();
}

void read_load(Fields& fields, ProducerConfiguration& producer, sim::SimTime start, Reading& reading) {
    LoadSegment segment{start, 10000, 1000};
    const Json* value = fields.get("records");
    if (value == nullptr) {
        producer.load.push_back(segment);
        return;
    }
    Fields records(*value, fields.at("records"), reading.problems);
    const auto count = records.whole("count", 1, most_records);
    const auto rate = records.whole("rate", 1, 1000000000);
    producer.record_bytes = static_cast<std::int32_t>(records.whole("size", 1, 100000000).value_or(100));
    if (const Json* key = records.get("key")) {
        Fields keys(*key, records.at("key"), reading.problems);
        producer.keys = static_cast<std::int32_t>(keys.whole("count", 1, 100000).value_or(1000));
        producer.first_key = static_cast<std::int32_t>(keys.whole("first", 0, 1000000000).value_or(0));
        producer.tombstone_every = keys.whole("tombstone_every", 1, most_records).value_or(0);
        keys.finish();
    }
    read_odd_records(records, producer, reading);
    producer.timestamp_offset = records.signed_duration("timestamp_offset").value_or(sim::Duration{0});
    const Json* schedule = records.get("schedule");
    records.finish();
    if (schedule != nullptr) {
        if (count || rate)
            reading.problems.add(records.at("schedule"),
                                 "stands alone: its pieces have their own count and rate");
        return read_schedule(*schedule, records.at("schedule"), producer, reading);
    }
    segment.rate = rate.value_or(1000);
    const std::optional<sim::SimTime>& until = reading.configuration.until;
    if (count)
        segment.count = *count;
    else if (rate && until)
        segment.count = std::max<std::int64_t>(1, (*until - start).micros / 1000000 * *rate);
    else if (rate)
        reading.problems.add(records.at("rate"),
                             "expected \"count\" beside it, or \"until\" for the whole run");
    producer.load.push_back(segment);
}

/// Position of the group or transactional id; a new one goes to the end.
std::int32_t place_of(std::vector<CoordinatedConfiguration>& all, const std::string& name) {
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].name == name) return static_cast<std::int32_t>(i);
    all.push_back({name, {}});
    return static_cast<std::int32_t>(all.size()) - 1;
}

} // namespace

ProducerIndex add_producer(ProducerConfiguration producer, Configuration& configuration) {
    if (!producer.settings.transactional_id.empty())
        producer.transactional_id = TransactionalIdIndex{
            place_of(configuration.transactional_ids, producer.settings.transactional_id)};
    producer.stream_first = StreamIndex{static_cast<std::int32_t>(configuration.streams.size())};
    const ProducerIndex index{static_cast<std::int32_t>(configuration.producers.size())};
    std::vector<TopicIndex> topics{producer.topic};
    topics.insert(topics.end(), producer.more_topics.begin(), producer.more_topics.end());
    for (const TopicIndex one : topics) {
        if (configuration.topics.empty()) break;
        const TopicConfiguration& topic = configuration.topic(one);
        for (std::int32_t i = 0; i < topic.partitions; ++i)
            configuration.streams.push_back({index, next(topic.partition_first, i)});
    }
    configuration.producers.push_back(std::move(producer));
    return index;
}

namespace {

void read_producer(const Json& value, const std::string& pointer, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    Configuration& configuration = reading.configuration;
    ProducerConfiguration producer;
    producer.name =
        fields.text("name").value_or("producer-" + std::to_string(configuration.producers.size() + 1));
    producer.release = read_release(fields, reading, "release").value_or(configuration.release);
    const Layer preset = read_client(fields, SettingScope::producer, producer.release, reading);
    producer.monotonic = !preset.values.empty();
    producer.dialect = dialect_of(producer.release);
    producer.rack = fields.text("rack").value_or("");
    if (const auto topic = fields.text("topic")) {
        if (const auto found = find_topic(*topic, configuration))
            producer.topic = *found;
        else
            reading.problems.add(fields.at("topic"), "no such topic: \"" + *topic + "\"");
    }
    const sim::Duration start = fields.duration("start").value_or(sim::Duration{0});
    read_load(fields, producer, sim::SimTime{start.micros}, reading);
    const ConfigMap own = reading.own_config(fields, "config");
    for (const ProducerConfiguration& other : configuration.producers)
        if (other.name == producer.name)
            reading.problems.add(pointer + "/name", "producer \"" + producer.name + "\" stands twice");
    settle_producer(producer, own, preset, pointer + "/config", reading);
    read_producer_application(fields, producer, reading);
    fields.finish();
    if (producer.application.dead_letter.value >= 0)
        producer.more_topics.push_back(producer.application.dead_letter);
    add_producer(std::move(producer), configuration);
}

void read_topics_of(Fields& fields, ConsumerConfiguration& consumer, Reading& reading) {
    const Json* value = fields.get("topics");
    if (value == nullptr) {
        for (std::size_t i = 0; i < reading.configuration.topics.size(); ++i)
            consumer.topics.push_back(TopicIndex{static_cast<std::int32_t>(i)});
        return;
    }
    if (!value->is_array()) return fields.wrong("topics", "a list of topic names");
    for (const Json& topic : *value) {
        const auto found =
            topic.is_string() ? find_topic(topic.get<std::string>(), reading.configuration) : std::nullopt;
        if (found)
            consumer.topics.push_back(*found);
        else
            reading.problems.add(fields.at("topics"), "no such topic: " + shown(topic));
    }
}

void read_consumer(const Json& value, const std::string& pointer, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    Configuration& configuration = reading.configuration;
    ConsumerConfiguration consumer;
    consumer.name =
        fields.text("name").value_or("consumer-" + std::to_string(configuration.consumers.size() + 1));
    consumer.release = read_release(fields, reading, "release").value_or(configuration.release);
    const Layer preset = read_client(fields, SettingScope::consumer, consumer.release, reading);
    consumer.monotonic = !preset.values.empty();
    consumer.dialect = dialect_of(consumer.release);
    consumer.start = sim::SimTime{fields.duration("start").value_or(sim::Duration{0}).micros};
    consumer.rack = fields.text("rack").value_or("");
    read_topics_of(fields, consumer, reading);
    consumer.entry = configuration.consumers.empty() ? 0 : configuration.consumers.back().entry + 1;
    if (const auto group = fields.text("group"))
        consumer.group = GroupIndex{place_of(configuration.groups, *group)};
    const auto members = static_cast<std::int32_t>(fields.whole("members", 1, 1000).value_or(1));
    if (members > 1 && consumer.group == no_group)
        reading.problems.add(fields.at("members"), "goes with \"group\"");
    const ConfigMap own = reading.own_config(fields, "config");
    for (const ConsumerConfiguration& other : configuration.consumers)
        if (base_name(other) == consumer.name)
            reading.problems.add(pointer + "/name", "consumer \"" + consumer.name + "\" stands twice");
    const Layer layers[] = {
        {SettingSource::override_x,
         reading.overrides.for_place(SettingScope::consumer, consumer.name, reading.tables)},
        reading.preset_layer(SettingScope::consumer),
        {SettingSource::client_config, own},
        preset};
    Resolved<ConsumerSettings> resolved = resolve_consumer(reading.tables, consumer.release, layers);
    reading.report(resolved.problems, pointer + "/config");
    for (const std::string& warning : resolved.warnings)
        reading.warn(warning);
    consumer.settings = resolved.settings;
    std::optional<ProducerConfiguration> output;
    read_consumer_application(fields, consumer, output, reading);
    fields.finish();
    check_member(consumer, pointer, reading);
    reading.scenario.effective.push_back({"consumer " + consumer.name, std::move(resolved.effective)});
    add_members(std::move(consumer), members, output, reading);
}

} // namespace

/// One index for each distinct group.instance.id of a group.
InstanceIndex instance_of(const ConsumerConfiguration& consumer, const Configuration& configuration) {
    if (consumer.settings.member.instance_id.empty()) return no_instance;
    InstanceIndex fresh{0};
    for (const ConsumerConfiguration& other : configuration.consumers) {
        const bool same = other.group == consumer.group &&
                          other.settings.member.instance_id == consumer.settings.member.instance_id;
        if (same) return other.instance;
        fresh = std::max(fresh, next(other.instance));
    }
    return fresh;
}

void read_producers(Fields& top, Reading& reading) {
    const Json* value = top.get("producers");
    if (value == nullptr) return;
    if (!value->is_array()) return top.wrong("producers", "a list");
    for (std::size_t i = 0; i < value->size(); ++i)
        read_producer((*value)[i], top.at("producers") + "/" + std::to_string(i), reading);
}

void read_consumers(Fields& top, Reading& reading) {
    const Json* value = top.get("consumers");
    if (value == nullptr) return;
    if (!value->is_array()) return top.wrong("consumers", "a list");
    for (std::size_t i = 0; i < value->size(); ++i)
        read_consumer((*value)[i], top.at("consumers") + "/" + std::to_string(i), reading);
}

} // namespace kafka::parts
