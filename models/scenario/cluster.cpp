#include "models/scenario/parts.hpp"

#include <algorithm>
#include <span>

namespace kafka::parts {

std::optional<Release> read_release(Fields& fields, Reading& reading, const std::string& key) {
    const std::optional<std::string> given = fields.text(key);
    if (!given) return std::nullopt;
    if (const auto release = parse_release(*given)) return release;
    std::string known;
    for (const Release release : all_releases())
        known += " " + std::string(name(release));
    reading.problems.add(fields.at(key),
                         "expected a Kafka release (" + known.substr(1) + "), got \"" + *given + "\"");
    return std::nullopt;
}

namespace {

void set_metadata_type(const std::string& type, const std::string& pointer, Reading& reading) {
    if (type == "kraft" || type == "zookeeper")
        reading.zookeeper = type == "zookeeper";
    else
        reading.problems.add(pointer, "expected \"kraft\" or \"zookeeper\", got \"" + type + "\"");
}

void read_racks(Fields& fields, Reading& reading) {
    const Json* racks = fields.get("racks");
    if (racks == nullptr) return;
    const bool fits = racks->is_array() && !reading.combined &&
                      racks->size() == static_cast<std::size_t>(reading.controllers) &&
                      std::all_of(racks->begin(), racks->end(), [](const Json& r) { return r.is_string(); });
    if (!fits)
        fields.wrong("racks",
                     "a list with the rack of each separate controller, such as [\"a\", \"b\", \"c\"]");
    else
        reading.controller_racks = racks->get<std::vector<std::string>>();
}

/// Keys of one type do not go with the other. `overridden`: -X metadata sets them aside.
void check_metadata_keys(Fields& fields, bool overridden, Reading& reading) {
    const std::vector<std::string> others = reading.zookeeper
                                                ? std::vector<std::string>{"controllers", "combined", "racks"}
                                                : std::vector<std::string>{"controller"};
    for (const std::string& key : others) {
        if (!fields.has(key)) continue;
        if (!overridden)
            reading.problems.add(fields.at(key), std::string("goes with \"type\": ") +
                                                     (reading.zookeeper ? "\"kraft\"" : "\"zookeeper\""));
        else
            reading.warn("metadata." + key + " is set aside by -X metadata");
    }
}

void read_metadata(Fields& top, Reading& reading) {
    const auto override = reading.overrides.take("metadata");
    const Json* value = top.get("metadata");
    if (value != nullptr && value->is_string())
        set_metadata_type(value->get<std::string>(), top.at("metadata"), reading);
    if (value == nullptr || value->is_string()) {
        if (override) set_metadata_type(*override, "-X metadata", reading);
        return;
    }
    Fields fields(*value, top.at("metadata"), reading.problems);
    if (const auto type = fields.text("type")) set_metadata_type(*type, fields.at("type"), reading);
    check_metadata_keys(fields, false, reading);
    const bool given = reading.zookeeper;
    if (override) set_metadata_type(*override, "-X metadata", reading);
    if (given != reading.zookeeper) check_metadata_keys(fields, true, reading);
    reading.controllers = static_cast<std::int32_t>(fields.whole("controllers", 1, 7).value_or(1));
    if (reading.controllers % 2 == 0) fields.wrong("controllers", "1, 3, 5 or 7");
    reading.combined = fields.flag("combined").value_or(false);
    if (const auto id = fields.whole("controller", 0, 2147483647))
        reading.first_controller = static_cast<std::int32_t>(*id);
    read_racks(fields, reading);
    fields.finish();
}

/// ZooKeeper went with 4.0. A file that does not say which release it means gets the newest that had it.
void settle_zookeeper_release(Reading& reading) {
    if (!reading.zookeeper || reading.configuration.release <= last_zookeeper_release) return;
    const std::string newest(name(last_zookeeper_release));
    if (reading.release_from)
        return reading.problems.add(*reading.release_from,
                                    "release " + std::string(name(reading.configuration.release)) +
                                        " has no ZooKeeper: expected " + newest +
                                        " or older, or \"metadata\": \"kraft\"");
    reading.configuration.release = last_zookeeper_release;
    reading.warn("release " + newest + " is taken: it is the newest that runs with ZooKeeper");
}

/// One process stands for the ensemble. The controller at the beginning is the last broker, unless the file
/// names another: so the death of a leader is not that of the controller as well.
void add_zookeeper(Fields& top, Reading& reading) {
    Configuration& configuration = reading.configuration;
    configuration.metadata = MetadataType::zookeeper;
    configuration.zookeeper_servers = 1;
    configuration.first_controller = BrokerSlot{0};
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
        if (!configuration.brokers[i].absent)
            configuration.first_controller = BrokerSlot{static_cast<std::int32_t>(i)};
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
        if (configuration.brokers[i].release > last_zookeeper_release &&
            configuration.brokers[i].release != configuration.release) // else that is refused already
            reading.problems.add(top.at("brokers") + "/" + std::to_string(i) + "/release",
                                 "has no ZooKeeper: expected " + std::string(name(last_zookeeper_release)) +
                                     " or older");
    if (!reading.first_controller) return;
    const BrokerSlot named = configuration.slot_of(BrokerId{*reading.first_controller});
    if (named != no_slot && !configuration.broker(named).absent)
        configuration.first_controller = named;
    else
        reading.problems.add(top.at("metadata") + "/controller",
                             "expected the id of a broker" +
                                 std::string(named == no_slot ? "" : " that is there from the start") +
                                 ", got " + std::to_string(*reading.first_controller));
}

/// Ids of separate controllers, as the scenario's targets name them.
constexpr std::int32_t first_controller_id = 101;

/// Combined ones live in the first brokers' processes. A quorum of one is a process of its own here.
void add_controllers(Fields& top, Reading& reading) {
    Configuration& configuration = reading.configuration;
    const auto brokers = static_cast<std::int32_t>(configuration.brokers.size());
    if (reading.combined && reading.controllers > brokers)
        reading.problems.add(top.at("metadata") + "/controllers",
                             "combined controllers need as many brokers; there are " +
                                 std::to_string(brokers));
    for (std::int32_t i = 0; i < reading.controllers && reading.combined && i < brokers; ++i)
        if (configuration.brokers[static_cast<std::size_t>(i)].absent)
            reading.problems.add(top.at("brokers") + "/" + std::to_string(i),
                                 "a combined controller has to be there from the start");
    for (std::int32_t i = 0; i < reading.controllers; ++i)
        if (reading.combined && i < brokers)
            configuration.controllers.push_back({configuration.brokers[static_cast<std::size_t>(i)].id,
                                                 BrokerSlot{i},
                                                 configuration.brokers[static_cast<std::size_t>(i)].rack});
        else
            configuration.controllers.push_back(
                {BrokerId{first_controller_id + i}, no_slot,
                 reading.controller_racks.empty() ? ""
                                                  : reading.controller_racks[static_cast<std::size_t>(i)]});
}

void read_network(Fields& top, Reading& reading) {
    const Json* value = top.get("network");
    if (value == nullptr) return;
    NetworkConfiguration& network = reading.configuration.network;
    Fields fields(*value, top.at("network"), reading.problems);
    network.latency = fields.latency("latency").value_or(network.latency);
    network.bandwidth_bits = fields.bandwidth("bandwidth").value_or(network.bandwidth_bits);
    network.request_service = fields.latency("request_service").value_or(network.request_service);
    network.metadata_apply = fields.latency("metadata_apply").value_or(network.metadata_apply);
    network.coordinator_load = fields.latency("coordinator_load").value_or(network.coordinator_load);
    network.process_start = fields.latency("process_start").value_or(network.process_start);
    network.process_exit = fields.latency("process_exit").value_or(network.process_exit);
    network.write_back = fields.duration("write_back");
    network.log_recovery_per_mebibyte =
        fields.duration("log_recovery_per_mebibyte").value_or(network.log_recovery_per_mebibyte);
    fields.get("zones"); // when racks are known, see read_zones
    network.service_per_kibibyte =
        fields.duration("service_per_kibibyte").value_or(network.service_per_kibibyte);
    fields.finish();
}

/// Settings that the models act on under one control plane only.
constexpr const char* zookeeper_settings[] = {
    "zookeeper.session.timeout.ms", "leader.imbalance.per.broker.percentage",
    "controlled.shutdown.max.retries", "controlled.shutdown.retry.backoff.ms"};
constexpr const char* kraft_settings[] = {"broker.heartbeat.interval.ms",
                                          "broker.session.timeout.ms",
                                          "initial.broker.registration.timeout.ms",
                                          "controller.quorum.append.linger.ms",
                                          "controller.quorum.election.backoff.max.ms",
                                          "controller.quorum.election.timeout.ms",
                                          "controller.quorum.fetch.timeout.ms",
                                          "controller.quorum.request.timeout.ms",
                                          "controller.quorum.retry.backoff.ms",
                                          "log.dir.failure.timeout.ms",
                                          "metadata.log.max.record.bytes.between.snapshots",
                                          "metadata.log.max.snapshot.interval.ms",
                                          "metadata.max.idle.interval.ms",
                                          "unclean.leader.election.interval.ms"};

/// What is given for the other control plane has no effect, and that is said.
void warn_of_the_other_plane(const std::vector<Layer>& layers, Reading& reading) {
    const std::span<const char* const> idle =
        reading.zookeeper ? std::span<const char* const>(kraft_settings) : zookeeper_settings;
    for (const Layer& layer : layers)
        for (const auto& given : layer.values)
            if (std::find(idle.begin(), idle.end(), given.first) != idle.end())
                reading.warn(given.first + " has no effect under " +
                             (reading.zookeeper ? "ZooKeeper" : "KRaft"));
}

void add_broker(BrokerConfiguration broker, const ConfigMap& own, const std::string& pointer,
                Reading& reading, std::optional<std::int64_t> directories = {}) {
    broker.dialect = dialect_of(broker.release);
    const std::vector<Layer> layers = broker_layers(reading, broker, own);
    Resolved<BrokerSettings> resolved = resolve_broker(reading.tables, broker.release, layers);
    reading.report(resolved.problems, pointer + "/config");
    for (const std::string& warning : resolved.warnings)
        reading.warn(warning);
    warn_of_the_other_plane(layers, reading);
    broker.settings = resolved.settings;
    const bool listed = std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
        return std::any_of(layer.values.begin(), layer.values.end(),
                           [](const auto& given) { return given.first == "log.dirs"; });
    });
    settle_directories(broker, directories, listed, pointer, reading);
    if (broker.rack.empty()) broker.rack = resolved.settings.rack;
    if (broker.settings.broker_session_timeout <= broker.settings.broker_heartbeat_interval)
        reading.warn("broker.session.timeout.ms is not above broker.heartbeat.interval.ms: healthy brokers "
                     "get fenced");
    reading.scenario.effective.push_back(
        {"broker " + std::to_string(broker.id.value), std::move(resolved.effective)});
    reading.configuration.brokers.push_back(std::move(broker));
}

void read_broker(const Json& value, const std::string& pointer, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    BrokerConfiguration broker;
    broker.release = reading.configuration.release;
    const auto next_id = static_cast<std::int64_t>(reading.configuration.brokers.size()) + 1;
    broker.id = BrokerId{static_cast<std::int32_t>(fields.whole("id", 0, 2147483647).value_or(next_id))};
    broker.rack = fields.text("rack").value_or("");
    if (const auto release = read_release(fields, reading, "release")) broker.release = *release;
    const ConfigMap own = reading.own_config(fields, "config");
    const std::optional<std::int64_t> directories = fields.whole("directories", 1, 32);
    broker.absent = fields.flag("absent").value_or(false);
    if (const auto starts = fields.duration("starts")) {
        broker.absent = true;
        Fault arrival;
        arrival.name = "broker " + std::to_string(broker.id.value) + " arrives";
        arrival.kind = FaultKind::start;
        arrival.at_from = arrival.at_to = sim::SimTime{starts->micros};
        arrival.pointer = fields.at("starts");
        Target target;
        target.kind = TargetKind::broker;
        target.broker = BrokerSlot{static_cast<std::int32_t>(reading.configuration.brokers.size())};
        target.text = "broker " + std::to_string(broker.id.value);
        arrival.targets.push_back(target);
        reading.arrivals.push_back(arrival);
    }
    fields.finish();
    if (reading.configuration.slot_of(broker.id) != no_slot)
        reading.problems.add(pointer + "/id", "broker " + std::to_string(broker.id.value) + " stands twice");
    add_broker(broker, own, pointer, reading, directories);
}

void read_brokers(Fields& top, Reading& reading) {
    const Json* value = top.get("brokers");
    if (value != nullptr && value->is_array()) {
        for (std::size_t i = 0; i < value->size(); ++i)
            read_broker((*value)[i], top.at("brokers") + "/" + std::to_string(i), reading);
        if (value->empty() || value->size() > 60) top.wrong("brokers", "1 to 60 brokers");
        if (!value->empty() && brokers_at_start(reading.configuration) == 0)
            top.wrong("brokers", "at least one broker that is there from the start");
        return;
    }
    const auto count = top.whole("brokers", 1, 60).value_or(3);
    for (std::int64_t i = 1; i <= count; ++i) {
        BrokerConfiguration broker;
        broker.id = BrokerId{static_cast<std::int32_t>(i)};
        broker.release = reading.configuration.release;
        add_broker(broker, {}, top.at("brokers"), reading);
    }
}

void check_age(Reading& reading) {
    if (reading.zookeeper) return;
    const Release release = reading.configuration.release;
    if (!dialect_of(release).isr_change_is_asynchronous || release == Release::v2_7)
        reading.warn("release " + std::string(name(release)) +
                     " had no KRaft: its replication and client rules run under the KRaft control plane; "
                     "\"metadata\": \"zookeeper\" is what it ran with");
}

} // namespace

std::vector<Layer> broker_layers(Reading& reading, const BrokerConfiguration& broker, const ConfigMap& own) {
    const std::string place = std::to_string(broker.id.value);
    return {
        {SettingSource::override_x, reading.overrides.for_place(SettingScope::broker, place, reading.tables)},
        reading.preset_layer(SettingScope::broker),
        {SettingSource::dynamic_broker_config, own},
        reading.server_config};
}

void read_cluster(Fields& top, Reading& reading) {
    const auto take = [&](Release release, const std::string& from) {
        reading.configuration.release = release;
        reading.release_from = from;
    };
    reading.file_release = read_release(top, reading, "release");
    if (reading.file_release) take(*reading.file_release, top.at("release"));
    if (reading.preset != nullptr && reading.preset->release)
        take(*reading.preset->release, "--preset " + reading.preset->name);
    if (const auto override = reading.overrides.take("release")) {
        if (const auto release = parse_release(*override))
            take(*release, "-X release");
        else
            reading.problems.add_override("release",
                                          "expected a Kafka release such as 3.9, got \"" + *override + "\"");
    }
    read_metadata(top, reading);
    settle_zookeeper_release(reading);
    check_age(reading);
    read_network(top, reading);
    reading.server_config = {SettingSource::static_broker_config, reading.own_config(top, "config")};
    reading.config_pointer = top.at("config");
    read_brokers(top, reading);
    if (reading.zookeeper)
        add_zookeeper(top, reading);
    else
        add_controllers(top, reading);
    // The controller runs with the file's server.properties.
    BrokerConfiguration controller;
    controller.id = reading.zookeeper
                        ? reading.configuration.broker(reading.configuration.first_controller).id
                        : reading.configuration.controllers.front().id;
    const std::vector<Layer> layers = broker_layers(reading, controller, {});
    reading.configuration.controller_settings =
        resolve_broker(reading.tables, reading.configuration.release, layers).settings;
    reading.configuration.controller_dialect = dialect_of(reading.configuration.release);
}

} // namespace kafka::parts
