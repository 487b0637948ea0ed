#include "models/scenario/parts.hpp"

#include <algorithm>
#include <charconv>

namespace kafka::parts {

// Fault specs of Trogdor as they are written for real clusters. Source: org.apache.kafka.trogdor.fault.*Spec
// and their workers: ProcessStop sends SIGSTOP and, after durationMs, SIGCONT; NetworkPartition drops what
// comes from nodes of other sets; DegradedNetwork delays and limits what a node sends (tc netem and tbf on
// its devices). startMs counts from the start of the run. A node is the broker whose id its name ends with
// ("node2", "kafka-2"). FilesUnreadable makes reads of files whose path below a mount begins with a prefix
// fail, by Kibosh, and leaves writes alone; here the mount holds the log directories of the node, whatever
// the path and the prefix, and every error code is an IOException to the JVM. What is in the page cache is
// read all the same: a start fails, and a fetch of what was written before a power loss.
// A task stands as it is written for its coordinator, or with its id: {"id": ..., "spec": {...}}
// (CreateTaskRequest), which then is the fault's name.
// Leaves out: javaProcessName and networkDevice choose nothing (a node has one broker and one interface).

namespace {

constexpr const char* package = "org.apache.kafka.trogdor.fault.";
constexpr const char* known_specs[] = {"ProcessStopFaultSpec", "NetworkPartitionFaultSpec",
                                       "DegradedNetworkFaultSpec", "FilesUnreadableFaultSpec"};
constexpr std::int64_t longest_ms = 36000000000; // 10000 hours

struct TrogdorReader {
    Fields& fields;
    Reading& reading;
    Fault common; // times and name

    std::optional<Target> node(const std::string& name, const std::string& pointer) {
        std::size_t digits = name.size();
        while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
            --digits;
        const auto slot = find_broker(name.substr(digits), reading.configuration);
        if (digits == name.size() || !slot) {
            reading.problems.add(pointer, "expected a node whose name ends with the id of a broker, such as "
                                          "\"node1\", got \"" +
                                              name + "\"");
            return std::nullopt;
        }
        Target target;
        target.kind = TargetKind::broker;
        target.broker = *slot;
        target.text = "broker " + name.substr(digits);
        return target;
    }
    std::vector<Target> nodes(const Json* value, const std::string& pointer) {
        std::vector<Target> all;
        if (value == nullptr || !value->is_array() || value->empty()) {
            reading.problems.add(pointer, "expected a list of nodes, such as [\"node1\"]");
            return all;
        }
        for (std::size_t i = 0; i < value->size(); ++i) {
            const std::string place = pointer + "/" + std::to_string(i);
            if (!(*value)[i].is_string())
                reading.problems.add(place, "expected the name of a node, got " + shown((*value)[i]));
            else if (const auto target = node((*value)[i].get<std::string>(), place))
                all.push_back(*target);
        }
        return all;
    }
    void add(FaultKind kind, std::vector<Target> targets, const std::string& name) {
        Fault fault = common;
        fault.kind = kind;
        fault.targets = std::move(targets);
        fault.name = name;
        reading.configuration.faults.push_back(std::move(fault));
    }
    void process_stop() {
        fields.text("javaProcessName"); // whatever it names, a node has one broker here
        add(FaultKind::pause, nodes(fields.get("nodeNames"), fields.at("nodeNames")), common.name);
    }
    /// Each pair of nodes of different sets is cut.
    void partition() {
        const Json* value = fields.get("partitions");
        if (value == nullptr || !value->is_array() || value->size() < 2)
            return fields.wrong("partitions",
                                "at least two lists of nodes, such as [[\"node1\", \"node2\"], [\"node3\"]]");
        std::vector<std::vector<Target>> sets;
        std::vector<BrokerSlot> known;
        for (std::size_t i = 0; i < value->size(); ++i) {
            const std::string place = fields.at("partitions") + "/" + std::to_string(i);
            sets.push_back(nodes(&(*value)[i], place));
            for (const Target& one : sets.back()) {
                if (std::find(known.begin(), known.end(), one.broker) != known.end())
                    reading.problems.add(place, one.text + " appears in more than one partition");
                known.push_back(one.broker);
            }
        }
        int number = 0;
        for (std::size_t i = 0; i < sets.size(); ++i)
            for (std::size_t j = i + 1; j < sets.size(); ++j)
                for (const Target& one : sets[i])
                    for (const Target& other : sets[j])
                        add(FaultKind::cut, {one, other}, common.name + "." + std::to_string(++number));
    }
    void degraded() {
        const Json* value = fields.get("nodeSpecs");
        if (value == nullptr || !value->is_object() || value->empty())
            return fields.wrong(
                "nodeSpecs", "an object such as {\"node1\": {\"latencyMs\": 100, \"rateLimitKbit\": 1000}}");
        int number = 0;
        for (const auto& item : value->items()) {
            const std::string pointer = fields.at("nodeSpecs") + "/" + item.key();
            Fields spec(item.value(), pointer, reading.problems);
            spec.text("networkDevice"); // a host has one interface here
            const std::int64_t latency = spec.whole("latencyMs", 0, 3600000).value_or(0);
            const std::int64_t rate = spec.whole("rateLimitKbit", 0, 1000000000).value_or(0);
            spec.finish();
            if (latency == 0 && rate == 0)
                reading.problems.add(pointer, "expected \"latencyMs\" or \"rateLimitKbit\" above 0");
            const auto target = node(item.key(), pointer);
            if (!target) continue;
            add(FaultKind::slow, {*target}, common.name + "." + std::to_string(++number));
            Fault& fault = reading.configuration.faults.back();
            fault.forward_only = true; // what the node sends
            fault.bandwidth_bits = rate * 1000;
            if (latency > 0) fault.trouble.jitter = netem(latency);
        }
    }
    void files_unreadable() {
        fields.text("mountPath");
        if (const auto prefix = fields.text("prefix"); prefix && !prefix->empty())
            reading.warn(fields.at("prefix") +
                         ": all files of the log directories are unreadable, not only " + "those below \"" +
                         *prefix + "\"");
        const auto code = fields.whole("errorCode", 0, 4095);
        if (code.value_or(0) == 0 && (code || !fields.has("errorCode")))
            reading.problems.add(fields.at("errorCode"),
                                 "expected an error number such as 5 (EIO): with 0 nothing fails");
        add(FaultKind::disk, nodes(fields.get("nodeNames"), fields.at("nodeNames")), common.name);
        reading.configuration.faults.back().disk.trouble = DiskTrouble::unreadable;
    }
    /// `tc netem delay N ms sqrt(N) ms distribution paretonormal`: about N, seldom some deviations more.
    static sim::LatencyTable netem(std::int64_t latency_ms) {
        std::int64_t deviation = 1;
        while ((deviation + 1) * (deviation + 1) <= latency_ms)
            ++deviation;
        return {sim::milliseconds(latency_ms), sim::milliseconds(latency_ms + 3 * deviation),
                sim::milliseconds(latency_ms + 6 * deviation)};
    }
};

/// The spec itself; `fault_name` and `pointer` are those of what holds it.
void read_spec(Fields& fields, const std::string& fault_name, const std::string& pointer, Reading& reading) {
    const std::string name = fields.text("class").value_or("");
    const bool of_trogdor = name.rfind(package, 0) == 0;
    const std::string spec = of_trogdor ? name.substr(std::string(package).size()) : name;
    std::vector<std::string> all;
    for (const char* known : known_specs)
        all.push_back(package + std::string(known));
    Fault common;
    common.pointer = pointer;
    common.name = fault_name;
    const std::int64_t start = fields.whole("startMs", 0, 9223372036854775807).value_or(0);
    const std::int64_t length = fields.whole("durationMs", 0, 9223372036854775807).value_or(0);
    if (start > longest_ms)
        reading.problems.add(fields.at("startMs"),
                             "expected milliseconds since the start of the run, got a date: " +
                                 std::to_string(start));
    common.at_from = common.at_to = sim::SimTime{std::min(start, longest_ms) * 1000};
    common.lasts_from = common.lasts_to = sim::milliseconds(std::min(length, longest_ms));
    TrogdorReader reader{fields, reading, common};
    if (spec == "ProcessStopFaultSpec")
        reader.process_stop();
    else if (spec == "NetworkPartitionFaultSpec")
        reader.partition();
    else if (spec == "DegradedNetworkFaultSpec")
        reader.degraded();
    else if (spec == "FilesUnreadableFaultSpec")
        reader.files_unreadable();
    else
        return reading.problems.add(fields.at("class"),
                                    "unknown fault of Trogdor: \"" + name + "\"" + did_you_mean(name, all));
    fields.finish();
}

} // namespace

void read_trogdor(Fields& fields, Reading& reading) {
    const std::string unnamed = "fault " + std::to_string(reading.configuration.faults.size() + 1);
    const Json* task = fields.get("spec");
    const std::string name = fields.text(task == nullptr ? "name" : "id").value_or(unnamed);
    for (const Fault& other : reading.configuration.faults)
        if (other.name == name)
            reading.problems.add(fields.at(task == nullptr ? "name" : "id"),
                                 "fault \"" + name + "\" stands twice");
    if (task == nullptr) return read_spec(fields, name, fields.pointer(), reading);
    if (!task->is_object()) return fields.wrong("spec", "a fault spec of Trogdor, with its \"class\"");
    Fields spec(*task, fields.at("spec"), reading.problems);
    if (!spec.has("class"))
        reading.problems.add(spec.at("class"), std::string("expected a fault of Trogdor, such as \"") +
                                                   package + "ProcessStopFaultSpec\"");
    else
        read_spec(spec, name, fields.pointer(), reading);
    fields.finish();
}

} // namespace kafka::parts
