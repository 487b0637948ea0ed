#include "tools/highwater/study/schedule.hpp"

#include "models/cluster/drawing.hpp"
#include "tools/highwater/names.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

using kafka::Json;

std::string exact(std::int64_t micros) { return std::to_string(micros) + "us"; }

Json latency_json(const sim::LatencyTable& table) {
    return {
        {"p50", exact(table.p50.micros)}, {"p99", exact(table.p99.micros)}, {"max", exact(table.max.micros)}};
}

/// Parts per million as "1.25%".
std::string percent_text(std::int32_t ppm) {
    std::string text = fmt::format("{}.{:04}", ppm / 10000, ppm % 10000);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + "%";
}

std::string bandwidth_text(std::int64_t bits) {
    return bits % 1000000 == 0 ? std::to_string(bits / 1000000) + "Mbit"
                               : std::to_string(bits / 1000) + "kbit";
}

void add_link(Json& one, const kafka::Fault& fault) {
    if (fault.forward_only) one["direction"] = "forward";
    if (fault.how == kafka::Fault::How::reset) one["how"] = "reset";
    if (fault.how == kafka::Fault::How::stall) one["how"] = "stall";
    if (fault.kinds == 1) one["listener"] = "client";
    if (fault.kinds == 2) one["listener"] = "replication";
    if (fault.kinds == 4) one["listener"] = "control";
    if (fault.latency) one["latency"] = latency_json(*fault.latency);
    if (fault.bandwidth_bits > 0) one["bandwidth"] = bandwidth_text(fault.bandwidth_bits);
    if (fault.trouble.jitter) one["jitter"] = latency_json(*fault.trouble.jitter);
    if (fault.trouble.loss_ppm > 0) one["loss"] = percent_text(fault.trouble.loss_ppm);
    if (fault.trouble.close_delay.micros > 0) one["close_delay"] = exact(fault.trouble.close_delay.micros);
}

void add_strain(Json& one, const kafka::Fault& fault) {
    if (fault.kind == kafka::FaultKind::starve) one["factor"] = fault.factor;
    if (fault.clock_step.micros != 0) one["step"] = exact(fault.clock_step.micros);
    if (fault.clock_drift_ppm != 0) one["drift_ppm"] = fault.clock_drift_ppm;
}

void add_disk(Json& one, const kafka::DiskFault& disk) {
    one["how"] = word_of(disk.trouble);
    if (disk.directory > 0) one["directory"] = disk.directory;
}

/// A roll, a move of replicas, an election: what was asked for.
void add_operation(Json& one, const kafka::Fault& fault, const kafka::Configuration& configuration) {
    using Policy = kafka::RollPolicy;
    if (fault.kind == kafka::FaultKind::elect) one["type"] = fault.unclean ? "unclean" : "preferred";
    if (fault.kind == kafka::FaultKind::reassign) {
        one["replicas"] = Json::array();
        const kafka::Assignment& target = fault.reassigned.front().second;
        for (int i = 0; i < target.count; ++i)
            one["replicas"].push_back(
                configuration.broker(target.slots[static_cast<std::size_t>(i)]).id.value);
        one["timeout"] = exact(fault.timeout.micros);
    }
    if (fault.kind != kafka::FaultKind::roll) return;
    const Policy& roll = fault.roll;
    const char* const orders[] = {"by_id", "by_rack", "controller_last"};
    const char* const waits[] = {"in_sync", "started", "nothing"};
    one["policy"] = {{"order", orders[static_cast<std::size_t>(roll.order)]},
                     {"at_once", roll.at_once == 0 ? Json("rack") : Json(roll.at_once)},
                     {"wait_for", waits[static_cast<std::size_t>(roll.wait_for)]},
                     {"pause", exact(roll.pause.micros)},
                     {"how", roll.crash ? "crash" : "stop"},
                     {"timeout", exact(fault.timeout.micros)}};
}

Json fault_json(const kafka::Fault& fault, const kafka::Configuration& configuration) {
    Json one = {
        {"name", fault.name}, {"at", exact(fault.at_from->micros)}, {"do", kafka::word_of(fault.kind)}};
    const bool link = fault.kind == kafka::FaultKind::cut || fault.kind == kafka::FaultKind::slow;
    Json targets = Json::array();
    for (const kafka::Target& target : fault.targets)
        targets.push_back(target.text);
    one[link && targets.size() == 2 ? "between" : "target"] = targets.size() == 1 ? targets[0] : targets;
    if (fault.lasts_from) one["for"] = exact(fault.lasts_from->micros);
    add_operation(one, fault, configuration);
    add_link(one, fault);
    add_strain(one, fault);
    if (fault.kind == kafka::FaultKind::disk) add_disk(one, fault.disk);
    return one;
}

/// A fault of the file itself: what stands there, but for what the seed has decided.
void decide(Json& one, const kafka::Fault& fault) {
    if (one.contains("at") && one["at"].is_object()) one["at"] = exact(fault.at_from->micros);
    if (one.contains("by") && one["by"].is_object()) one["by"] = exact(fault.by_from.micros);
    if (one.contains("for") && one["for"].is_object()) one["for"] = exact(fault.lasts_from->micros);
    for (std::size_t i = 0; one.contains("target") && i < fault.targets.size(); ++i)
        (one["target"].is_array() ? one["target"][i] : one["target"]) = fault.targets[i].text;
    for (std::size_t i = 0; one.contains("between") && i < 2; ++i)
        one["between"][i] = fault.targets.at(i).text;
}

/// "faults" of the file, each as the seed decided it, and then its weather.
Json all_faults(const Json& source, const kafka::Scenario& scenario, std::uint64_t seed) {
    const kafka::Configuration drawn = kafka::with_everything_drawn(*scenario.configuration, seed);
    Json list = source.contains("faults") ? source["faults"] : Json::array();
    const std::string own = "/faults/";
    for (const kafka::Fault& fault : drawn.faults)
        if (fault.pointer.rfind(own, 0) == 0)
            decide(list[std::stoul(fault.pointer.substr(own.size()))], fault);
    for (Json& fault : drawn_faults(scenario, seed))
        list.push_back(std::move(fault));
    return list;
}

} // namespace

Json drawn_faults(const kafka::Scenario& scenario, std::uint64_t seed) {
    const kafka::Configuration drawn = kafka::with_everything_drawn(*scenario.configuration, seed);
    Json list = Json::array();
    for (std::size_t i = scenario.configuration->faults.size(); i < drawn.faults.size(); ++i)
        list.push_back(fault_json(drawn.faults[i], drawn));
    return list;
}

Json drawn_scenario(const Json& source, const kafka::Scenario& scenario, std::uint64_t seed) {
    constexpr std::uint64_t most_exact = std::uint64_t{1} << 53; // as a number that every JSON reader keeps
    Json out = Json::object();
    if (source.contains("$schema")) out["$schema"] = source["$schema"];
    out["name"] = scenario.name;
    out["seed"] = seed <= most_exact ? Json(seed) : Json(std::to_string(seed));
    const Json faults = all_faults(source, scenario, seed);
    for (const auto& item : source.items()) {
        const std::string& key = item.key();
        if (out.contains(key) || key == "seeds") continue;
        const bool place_of_faults = key == "faults" || key == "weather";
        if (!place_of_faults)
            out[key] = item.value();
        else if (!faults.empty())
            out["faults"] = faults;
    }
    return out;
}

std::string schedule_text(const Json& faults, std::uint64_t seed) {
    if (faults.empty()) return fmt::format("seed {}: no faults were drawn\n", seed);
    std::string out = fmt::format("seed {}: drawn faults\n", seed);
    for (const Json& fault : faults) {
        const auto time = [&](const char* key) {
            return time_text(std::stoll(fault[key].get<std::string>()));
        };
        const Json& named = fault.contains("target") ? fault["target"] : fault["between"];
        std::string whom = named.is_string() ? named.get<std::string>() : "";
        for (std::size_t i = 0; !named.is_string() && i < named.size(); ++i)
            whom += (i == 0 ? "" : fault.contains("target") ? ", " : " - ") + named[i].get<std::string>();
        std::string rest = fault.contains("for") ? "for " + time("for") : "";
        if (fault.contains("replicas")) rest = "to " + fault["replicas"].dump();
        out += fmt::format("  {:>10}  {:<10}  {:<20}  {}\n", time("at"), fault["do"].get<std::string>(), whom,
                           rest);
    }
    return out;
}

} // namespace highwater
