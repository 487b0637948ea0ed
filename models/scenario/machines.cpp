#include "models/scenario/parts.hpp"

namespace kafka::parts {

namespace {

void read_clock(Fields& fields, Fault& fault) {
    fault.clock_step = fields.signed_duration("step").value_or(sim::Duration{0});
    fault.clock_drift_ppm = fields.whole("drift_ppm", -900000, 10000000).value_or(0);
    if (!fields.has("step") && !fields.has("drift_ppm"))
        fields.problems().add(fields.pointer(), "expected \"step\" or \"drift_ppm\"");
}

/// Whether the target means clients or controllers for sure.
bool names_no_broker(const Target& target) {
    const TargetKind kind = target.kind == TargetKind::host_of ? target.host : target.kind;
    return kind == TargetKind::producer || kind == TargetKind::consumer || kind == TargetKind::controller ||
           kind == TargetKind::zookeeper;
}

/// `is_lonely`: KRaft with one controller.
void check_machine_target(Fields& fields, const Fault& fault, const Target& target, bool is_lonely) {
    const TargetKind kind = target.kind == TargetKind::host_of ? target.host : target.kind;
    const auto refuse = [&](const std::string& why) {
        fields.problems().add(fields.at("target"), why + ", got \"" + target.text + "\"");
    };
    if (fault.kind == FaultKind::starve && names_no_broker(target) && kind != TargetKind::consumer)
        refuse("expected brokers or a consumer: nothing else has work here that takes longer");
    if (fault.kind == FaultKind::swizzle && (names_no_broker(target) || kind == TargetKind::zone))
        refuse("expected brokers, such as \"all brokers\"");
    if (fault.kind != FaultKind::clock) return;
    if (kind == TargetKind::zookeeper)
        refuse("expected brokers, controllers or clients: the sessions of an ensemble are timed by "
               "System.nanoTime, which no step moves");
    if (kind == TargetKind::controller && is_lonely)
        refuse("expected brokers or clients: a quorum of one has no time-outs that read the wall clock");
}

} // namespace

void read_machine_fault(Fields& fields, Fault& fault, Reading& reading) {
    const bool needs_length = fault.kind == FaultKind::gc || fault.kind == FaultKind::swizzle;
    if (needs_length && !fault.lasts_from)
        reading.problems.add(fields.at("for"), fault.kind == FaultKind::gc
                                                   ? "expected how long the world is stopped, such as \"8s\""
                                                   : "expected how long it takes in all, such as \"30s\"");
    if (fault.kind == FaultKind::starve) {
        fault.factor = static_cast<std::int32_t>(fields.whole("factor", 2, 100000).value_or(1));
        if (!fields.has("factor"))
            reading.problems.add(fields.at("factor"), "expected how many times longer its work takes");
    }
    if (fault.kind == FaultKind::clock) read_clock(fields, fault);
    const bool is_lonely = reading.configuration.controllers.size() == 1;
    for (const Target& target : fault.targets)
        check_machine_target(fields, fault, target, is_lonely);
}

void read_trouble(Fields& fields, Fault& fault) {
    fault.trouble.jitter = fields.latency("jitter");
    fault.trouble.close_delay = fields.duration("close_delay").value_or(sim::Duration{0});
    const std::optional<std::string> loss = fields.text("loss");
    if (!loss) return;
    const std::optional<std::int32_t> ppm = parse_percent(*loss);
    if (!ppm || *ppm > 900000)
        fields.wrong("loss", "a percentage up to 90, such as \"1%\" or \"0.05%\"");
    else
        fault.trouble.loss_ppm = *ppm;
}

/// Links between the racks of "network": everybody there with everybody there, clients too.
void read_zones(Fields& top, Reading& reading) {
    const Json* network = top.get("network");
    if (network == nullptr || !network->is_object() || !network->contains("zones")) return;
    const Json& zones = (*network)["zones"];
    const std::string at = top.at("network") + "/zones";
    if (!zones.is_array())
        return reading.problems.add(at, "expected a list of {\"between\": [\"a\", \"b\"], \"latency\": ...}");
    for (std::size_t i = 0; i < zones.size(); ++i) {
        Fields fields(zones[i], at + "/" + std::to_string(i), reading.problems);
        Fault fault;
        fault.pointer = fields.pointer();
        fault.name = "zones " + std::to_string(i + 1);
        fault.kind = FaultKind::slow;
        fault.at_from = sim::SimTime{0};
        const Json* between = fields.get("between");
        const bool pair = between != nullptr && between->is_array() && between->size() == 2 &&
                          (*between)[0].is_string() && (*between)[1].is_string();
        if (!pair) fields.wrong("between", "two racks, such as [\"a\", \"b\"]");
        for (std::size_t end = 0; pair && end < 2; ++end)
            if (const auto zone = read_target("zone " + (*between)[end].get<std::string>(),
                                              fields.at("between") + "/" + std::to_string(end), reading))
                fault.targets.push_back(*zone);
        read_link(fields, fault, reading);
        fields.finish();
        reading.configuration.faults.push_back(std::move(fault));
    }
}

} // namespace kafka::parts
