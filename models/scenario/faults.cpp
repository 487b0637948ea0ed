#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool is_link(FaultKind kind) {
    return kind == FaultKind::cut || kind == FaultKind::heal || kind == FaultKind::slow;
}

/// What machines.cpp reads.
bool is_of_machine(FaultKind kind) {
    return kind == FaultKind::gc || kind == FaultKind::starve || kind == FaultKind::clock ||
           kind == FaultKind::swizzle;
}

void read_kind(Fields& fields, Fault& fault, Reading& reading) {
    const std::optional<std::string> word = fields.text("do");
    if (!word) {
        if (!fields.has("do"))
            reading.problems.add(fields.at("do"), "expected what to do, such as \"crash\"");
        return;
    }
    const auto* const known = std::find(std::begin(fault_words), std::end(fault_words), *word);
    if (known != std::end(fault_words)) {
        fault.kind = static_cast<FaultKind>(known - std::begin(fault_words));
        return;
    }
    reading.problems.add(fields.at("do"),
                         "unknown fault \"" + *word + "\"" +
                             did_you_mean(*word, {std::begin(fault_words), std::end(fault_words)}));
}

/// Of a group: {"group": NAME, "partition": NAME, "at_least": N}.
void read_group_condition(Fields& inner, Condition& condition, Reading& reading) {
    const std::string group = inner.text("group").value_or("");
    const auto& all = reading.configuration.groups;
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const CoordinatedConfiguration& one) { return one.name == group; });
    if (at == all.end())
        reading.problems.add(inner.at("group"), "no such group: \"" + group + "\"");
    else
        condition.group = GroupIndex{static_cast<std::int32_t>(at - all.begin())};
    condition.partition = PartitionIndex{-1};
    if (condition.kind == WhenKind::joined) return;
    if (condition.kind == WhenKind::lag && !inner.has("partition")) return;
    const std::string partition = inner.text("partition").value_or("");
    if (const auto index = find_partition(partition, reading.configuration))
        condition.partition = *index;
    else
        reading.problems.add(inner.at("partition"), "no such partition: \"" + partition + "\"");
}

std::optional<Condition> read_condition(const Json& value, const std::string& pointer, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    Condition condition;
    const std::pair<const char*, WhenKind> known[] = {
        {"isr_size", WhenKind::isr_size},   {"acknowledged", WhenKind::acknowledged},
        {"appended", WhenKind::appended},   {"high_watermark", WhenKind::high_watermark},
        {"leader", WhenKind::leader},       {"joined", WhenKind::joined},
        {"committed", WhenKind::committed}, {"lag", WhenKind::lag}};
    int found = 0;
    for (const auto& [word, kind] : known) {
        const Json* body = fields.get(word);
        if (body == nullptr) continue;
        ++found;
        condition.kind = kind;
        Fields inner(*body, fields.at(word), reading.problems);
        const bool of_group =
            kind == WhenKind::joined || kind == WhenKind::committed || kind == WhenKind::lag;
        if (of_group) {
            read_group_condition(inner, condition, reading);
        } else if (kind == WhenKind::acknowledged) {
            const std::string producer = inner.text("producer").value_or("");
            const auto& all = reading.configuration.producers;
            const auto at = std::find_if(all.begin(), all.end(),
                                         [&](const ProducerConfiguration& p) { return p.name == producer; });
            if (at == all.end())
                reading.problems.add(inner.at("producer"), "no such producer: \"" + producer + "\"");
            else
                condition.producer = ProducerIndex{static_cast<std::int32_t>(at - all.begin())};
        } else {
            const std::string partition = inner.text("partition").value_or("");
            if (const auto index = find_partition(partition, reading.configuration))
                condition.partition = *index;
            else
                reading.problems.add(inner.at("partition"), "no such partition: \"" + partition + "\"");
        }
        if (kind == WhenKind::leader) {
            const Json* is = inner.get("is");
            if (is == nullptr)
                reading.problems.add(inner.at("is"), "expected a broker id or \"none\"");
            else if (*is != "none") {
                const auto slot = find_broker(is->dump(), reading.configuration);
                if (slot)
                    condition.leader = *slot;
                else
                    reading.problems.add(inner.at("is"),
                                         "expected a broker id or \"none\", got " + shown(*is));
            }
        } else {
            condition.at_least = inner.whole("at_least", 0, 9223372036854775807).value_or(0);
            condition.at_most = inner.whole("at_most", 0, 9223372036854775807).value_or(9223372036854775807);
            if (!inner.has("at_least") && !inner.has("at_most"))
                reading.problems.add(inner.pointer(), "expected \"at_least\" or \"at_most\"");
        }
        inner.finish();
    }
    fields.finish();
    if (found != 1)
        reading.problems.add(
            pointer, "expected exactly one of isr_size, acknowledged, appended, high_watermark, leader, "
                     "joined, committed, lag");
    return condition;
}

void read_time(Fields& fields, Fault& fault, Reading& reading) {
    const auto at = fields.duration_range("at");
    const auto after = fields.text("after");
    const Json* when = fields.get("when");
    const auto by = fields.duration_range("by");
    if (at) {
        fault.at_from = sim::SimTime{at->first.micros};
        fault.at_to = sim::SimTime{at->second.micros};
    }
    if (after) {
        for (std::size_t i = 0; i < reading.configuration.faults.size(); ++i)
            if (reading.configuration.faults[i].name == *after) fault.after = static_cast<std::int32_t>(i);
        if (fault.after < 0)
            reading.problems.add(fields.at("after"), "no fault before this one is named \"" + *after + "\"");
    }
    if (when != nullptr) fault.when = read_condition(*when, fields.at("when"), reading);
    if (by) {
        fault.by_from = by->first;
        fault.by_to = by->second;
    }
    const int given = (fields.has("at") ? 1 : 0) + (after ? 1 : 0) + (when != nullptr ? 1 : 0);
    if (given != 1)
        reading.problems.add(fields.pointer(), "expected exactly one of \"at\", \"after\", \"when\"");
    if (by && fields.has("at")) reading.problems.add(fields.at("by"), "goes with \"after\" or \"when\"");
    if (const auto lasts = fields.duration_range("for")) {
        fault.lasts_from = lasts->first;
        fault.lasts_to = lasts->second;
        const bool undoable = fault.kind == FaultKind::crash || fault.kind == FaultKind::pause ||
                              fault.kind == FaultKind::stop || fault.kind == FaultKind::power_loss ||
                              fault.kind == FaultKind::wipe_disk || fault.kind == FaultKind::cut ||
                              fault.kind == FaultKind::slow || fault.kind == FaultKind::deny ||
                              fault.kind == FaultKind::disk || fault.kind == FaultKind::roll ||
                              is_of_machine(fault.kind);
        if (!undoable) reading.problems.add(fields.at("for"), "this fault has nothing to undo");
    }
}

void read_one(Reading& reading, const Json& target, const std::string& pointer, Fault& fault) {
    if (!target.is_string())
        return reading.problems.add(pointer, "expected a target such as \"broker 2\", got " + shown(target));
    if (fault.kind == FaultKind::roll && read_members(target.get<std::string>(), fault, reading)) return;
    if (const auto read = read_target(target.get<std::string>(), pointer, reading))
        fault.targets.push_back(*read);
}

void read_targets(Fields& fields, Fault& fault, Reading& reading) {
    const Json* target = fields.get("target");
    const Json* between = fields.get("between");
    if (target != nullptr && target->is_array() && !is_link(fault.kind) && !target->empty()) {
        for (std::size_t i = 0; i < target->size(); ++i)
            read_one(reading, (*target)[i], fields.at("target") + "/" + std::to_string(i), fault);
    } else if (target != nullptr) {
        read_one(reading, *target, fields.at("target"), fault);
    }
    if (between != nullptr) {
        const bool pair = between->is_array() && between->size() == 2 && (*between)[0].is_string() &&
                          (*between)[1].is_string();
        if (!pair) fields.wrong("between", "two targets, such as [\"broker 1\", \"controller\"]");
        for (std::size_t i = 0; pair && i < 2; ++i)
            if (const auto read = read_target((*between)[i].get<std::string>(),
                                              fields.at("between") + "/" + std::to_string(i), reading))
                fault.targets.push_back(*read);
        if (!is_link(fault.kind)) reading.problems.add(fields.at("between"), "goes with cut, slow and heal");
    }
    if (target == nullptr && between == nullptr && fault.kind != FaultKind::finalize)
        reading.problems.add(fields.at("target"), is_link(fault.kind)
                                                      ? "expected \"between\" or \"target\""
                                                      : "expected a target such as \"broker 2\"");
}

} // namespace

void check_targets(Fields& fields, const Fault& fault, Reading& reading) {
    for (const Target& target : fault.targets) {
        const bool names_data = target.kind == TargetKind::topic || target.kind == TargetKind::partition;
        const bool takes_data = fault.kind == FaultKind::elect || fault.kind == FaultKind::set ||
                                fault.kind == FaultKind::create_partitions ||
                                fault.kind == FaultKind::delete_records ||
                                (fault.kind >= FaultKind::roll && fault.kind <= FaultKind::finalize);
        if (fault.kind == FaultKind::create_partitions && target.kind != TargetKind::topic)
            reading.problems.add(fields.at("target"), "expected \"topic NAME\", got \"" + target.text + "\"");
        if (names_data && !takes_data)
            reading.problems.add(fields.at("target"),
                                 "expected a process or host, got \"" + target.text + "\"");
        if ((fault.kind == FaultKind::elect || fault.kind == FaultKind::delete_records) && !names_data)
            reading.problems.add(fields.at("target"),
                                 "expected a partition such as \"orders-0\", or \"topic orders\", got \"" +
                                     target.text + "\"");
        const bool permission = fault.kind == FaultKind::deny || fault.kind == FaultKind::allow;
        if (permission && target.kind != TargetKind::producer)
            reading.problems.add(fields.at("target"), "expected whose permission to write it is, such as "
                                                      "\"producer shop\", got \"" +
                                                          target.text + "\"");
        const bool client = target.kind == TargetKind::producer || target.kind == TargetKind::consumer;
        const bool lonely =
            target.kind == TargetKind::controller && reading.configuration.controllers.size() == 1;
        if (fault.kind == FaultKind::wipe_disk && target.kind == TargetKind::zookeeper)
            reading.problems.add(fields.at("target"), "an ensemble does not survive the loss of its disks");
        if (fault.kind == FaultKind::wipe_disk && (client || lonely))
            reading.problems.add(fields.at("target"),
                                 lonely ? "a quorum of one does not survive the loss of its metadata log"
                                        : "only brokers and controllers have disks that can be wiped");
    }
}

void read_link(Fields& fields, Fault& fault, Reading& reading) {
    if (const auto direction = fields.word("direction", {"both", "forward"}))
        fault.forward_only = *direction == "forward";
    if (const auto how = fields.word("how", {"silence", "reset", "stall"}))
        fault.how = *how == "reset"   ? Fault::How::reset
                    : *how == "stall" ? Fault::How::stall
                                      : Fault::How::silence;
    if (const auto listener = fields.word("listener", {"client", "replication", "control"})) {
        // Bits stand at the position of the kind: client 0, replication 1, control 2.
        fault.kinds = static_cast<std::uint8_t>(*listener == "client"        ? 1
                                                : *listener == "replication" ? 2
                                                                             : 4);
    }
    fault.latency = fields.latency("latency");
    fault.bandwidth_bits = fields.bandwidth("bandwidth").value_or(0);
    read_trouble(fields, fault);
    const bool slows = fault.latency || fault.bandwidth_bits > 0 || fault.trouble.any();
    if (fault.kind == FaultKind::slow && !slows)
        reading.problems.add(
            fields.pointer(),
            "expected \"latency\" or \"bandwidth\", \"jitter\", \"loss\" or \"close_delay\"");
    if (fault.kind == FaultKind::slow) return;
    for (const char* key : {"latency", "bandwidth", "jitter", "loss", "close_delay"})
        if (fields.has(key)) reading.problems.add(fields.at(key), "goes with slow");
}

namespace {

void take_timestamps(TopicSettings& after, const TopicSettings& changed) {
    after.log_append_time = changed.log_append_time;
    after.timestamp_before_max_millis = changed.timestamp_before_max_millis;
    after.timestamp_after_max_millis = changed.timestamp_after_max_millis;
}

void read_settings(Fields& fields, Fault& fault, Reading& reading) {
    const ConfigMap config = fields.config("config");
    if (config.empty()) return reading.problems.add(fields.at("config"), "expected the settings to change");
    for (const Target& target : fault.targets) {
        if (target.kind == TargetKind::topic) {
            const Layer layers[] = {{SettingSource::dynamic_topic_config, config}};
            const Layer inherited[] = {reading.server_config};
            Resolved<TopicSettings> resolved =
                resolve_topic(reading.tables, reading.configuration.release, layers, inherited);
            reading.report(resolved.problems, fields.at("config"));
            // What the change does not name stays as it is.
            TopicSettings after = reading.configuration.topic(target.topic).settings;
            for (const auto& [name, value] : config) {
                if (name == "min.insync.replicas")
                    after.min_insync_replicas = resolved.settings.min_insync_replicas;
                else if (name == "unclean.leader.election.enable")
                    after.unclean_leader_election_enable = resolved.settings.unclean_leader_election_enable;
                else if (name == "max.message.bytes")
                    after.max_message_bytes = resolved.settings.max_message_bytes;
                else if (name == "flush.messages")
                    after.flush_messages = resolved.settings.flush_messages;
                else if (change_cleanup(name, resolved.settings, after))
                    continue;
                else if (name == "retention.ms" && after.keeps_segments)
                    after.retention_millis = resolved.settings.retention_millis;
                else if (name == "retention.bytes" && after.keeps_segments)
                    after.retention_bytes = resolved.settings.retention_bytes;
                else if (name.rfind("message.timestamp.", 0) == 0)
                    take_timestamps(after, resolved.settings);
                else
                    reading.problems.add(fields.at("config") + "/" + name,
                                         "changing this while running is not modelled");
            }
            for (const Fault& earlier : reading.configuration.faults)
                for (const auto& [topic, settings] : earlier.topic_settings)
                    if (topic == target.topic)
                        reading.warn("several \"set\" faults on one topic: each gives the file's values for "
                                     "what it does not name");
            fault.topic_settings.emplace_back(target.topic, after);
        } else if (target.kind == TargetKind::broker || target.kind == TargetKind::all_brokers) {
            for (std::size_t i = 0; i < reading.configuration.brokers.size(); ++i) {
                const BrokerSlot slot{static_cast<std::int32_t>(i)};
                if (target.kind == TargetKind::broker && target.broker != slot) continue;
                const BrokerConfiguration& broker = reading.configuration.broker(slot);
                std::vector<Layer> layers = broker_layers(reading, broker, {});
                layers.insert(layers.begin(), Layer{SettingSource::dynamic_broker_config, config});
                Resolved<BrokerSettings> resolved = resolve_broker(reading.tables, broker.release, layers);
                reading.report(resolved.problems, fields.at("config"));
                fault.broker_settings.emplace_back(slot, resolved.settings);
            }
        } else {
            reading.problems.add(fields.at("target"),
                                 "expected \"topic NAME\", \"broker N\" or \"all brokers\"");
        }
    }
}

/// "partitions" of create_partitions: more than the topic has by then, at the start or by a fault before.
void read_new_partitions(Fields& fields, Fault& fault, Reading& reading) {
    const auto wanted = static_cast<std::int32_t>(fields.whole("partitions", 1, 10000).value_or(0));
    fault.partitions = wanted;
    if (!fields.has("partitions"))
        return reading.problems.add(fields.at("partitions"), "expected how many the topic has then");
    for (const Target& target : fault.targets) {
        if (target.kind != TargetKind::topic) continue;
        const TopicConfiguration& topic = reading.configuration.topic(target.topic);
        std::int32_t before = 0;
        for (std::int32_t i = 0; i < topic.partitions; ++i) {
            const PartitionIndex partition = next(topic.partition_first, i);
            before += reading.configuration.partition(partition).created_later ? 0 : 1;
        }
        for (const Fault& earlier : reading.configuration.faults)
            for (const Target& other : earlier.targets)
                if (other.kind == TargetKind::topic && other.topic == target.topic)
                    before = std::max(before, earlier.partitions);
        if (wanted > 0 && wanted <= before)
            reading.problems.add(fields.at("partitions"), "expected more than the " + std::to_string(before) +
                                                              " that the topic has by then, got " +
                                                              std::to_string(wanted));
    }
}

void read_fault(const Json& value, const std::string& pointer, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    if (fields.has("class") || fields.has("spec")) return read_trogdor(fields, reading);
    Fault fault;
    fault.pointer = pointer;
    fault.name =
        fields.text("name").value_or("fault " + std::to_string(reading.configuration.faults.size() + 1));
    read_kind(fields, fault, reading);
    read_time(fields, fault, reading);
    read_targets(fields, fault, reading);
    check_targets(fields, fault, reading);
    if (is_link(fault.kind)) read_link(fields, fault, reading);
    if (is_of_machine(fault.kind)) read_machine_fault(fields, fault, reading);
    if (fault.kind == FaultKind::disk) read_disk_fault(fields, fault, reading);
    read_operation(fields, fault, reading);
    if (fault.kind == FaultKind::delete_records) read_deletion(fields, fault, reading);
    if (fault.kind == FaultKind::corrupt) read_corruption(fields, fault, reading);
    if (fault.kind == FaultKind::elect) {
        const auto type = fields.word("type", {"preferred", "unclean"});
        fault.unclean = type.value_or("preferred") == "unclean";
    }
    if (fault.kind == FaultKind::set) read_settings(fields, fault, reading);
    if (fault.kind == FaultKind::create_partitions) read_new_partitions(fields, fault, reading);
    fields.finish();
    for (const Fault& other : reading.configuration.faults)
        if (other.name == fault.name)
            reading.problems.add(pointer + "/name", "fault \"" + fault.name + "\" stands twice");
    reading.configuration.faults.push_back(std::move(fault));
}

} // namespace

void read_faults(Fields& top, Reading& reading) {
    const Json* value = top.get("faults");
    if (value == nullptr) return;
    if (!value->is_array()) return top.wrong("faults", "a list");
    for (std::size_t i = 0; i < value->size(); ++i)
        read_fault((*value)[i], top.at("faults") + "/" + std::to_string(i), reading);
    settle_upgrades(reading);
}

/// Brokers that join the cluster: faults that start them.
void read_arrivals(Reading& reading) {
    for (Fault& arrival : reading.arrivals)
        reading.configuration.faults.push_back(std::move(arrival));
}

/// Links that are slow from the start: faults without an end.
void read_links(Fields& top, Reading& reading) {
    const Json* value = top.get("links");
    if (value == nullptr) return;
    if (!value->is_array()) return top.wrong("links", "a list of {\"between\", \"latency\", \"bandwidth\"}");
    for (std::size_t i = 0; i < value->size(); ++i) {
        Fields fields((*value)[i], top.at("links") + "/" + std::to_string(i), reading.problems);
        Fault fault;
        fault.pointer = fields.pointer();
        fault.name = "link " + std::to_string(i + 1);
        fault.kind = FaultKind::slow;
        fault.at_from = sim::SimTime{0};
        read_targets(fields, fault, reading);
        read_link(fields, fault, reading);
        fields.finish();
        reading.configuration.faults.push_back(std::move(fault));
    }
}

} // namespace kafka::parts
