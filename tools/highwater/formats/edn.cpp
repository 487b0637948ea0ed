#include "tools/highwater/formats/formats.hpp"
#include "tools/highwater/formats/operations.hpp"

#include "tools/highwater/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace highwater {

namespace {

using namespace kafka;

/// Strings of EDN escape as JSON's do.
std::string text_of_edn(const std::string& text) { return nlohmann::json(text).dump(); }

/// ":invoke" etc. of one operation, without index.
std::string line_of(const Operation& operation, const char* type, sim::SimTime time,
                    const std::string& value) {
    std::string error;
    if (!operation.error.empty() && std::string(type) != "invoke")
        error = ", :error " + text_of_edn(operation.error);
    return fmt::format(":type :{}, :f :{}, :value {}, :process {}, :time {}{}", type, operation.f, value,
                       operation.process, time.micros * 1000, error);
}

std::string sends(const Operation& operation, bool with_offsets) {
    std::string text;
    for (const SentRecord& record : operation.sends) {
        if (!text.empty()) text += ' ';
        if (!with_offsets)
            text += fmt::format("[:send {} {}]", record.key, record.value);
        else if (record.offset < 0)
            text += fmt::format("[:send {} [nil {}]]", record.key, record.value);
        else
            text += fmt::format("[:send {} [{} {}]]", record.key, record.offset, record.value);
    }
    return "[" + text + "]";
}

std::string polled(const Operation& operation) {
    std::map<std::int32_t, std::string> by_key;
    for (const PolledRecord& record : operation.polled) {
        std::string& pairs = by_key[record.key];
        pairs += fmt::format("{}[{} {}]", pairs.empty() ? "" : " ", record.offset, record.value);
    }
    std::string text;
    for (const auto& [key, pairs] : by_key)
        text += fmt::format("{}{} [{}]", text.empty() ? "" : ", ", key, pairs);
    return "[[:poll {" + text + "}]]";
}

std::string keys(const std::vector<std::int32_t>& all) {
    std::string text;
    for (const std::int32_t key : all)
        text += (text.empty() ? "" : " ") + std::to_string(key);
    return "[" + text + "]";
}

std::string value_of(const Operation& operation, bool is_invocation) {
    if (operation.f == "poll") return is_invocation ? "[[:poll]]" : polled(operation);
    if (operation.f == "assign") return keys(operation.keys);
    if (operation.f == "crash") return "nil";
    return sends(operation, !is_invocation);
}

/// Order of operations that begin and end with one fact.
std::uint64_t place_of(const Operation& operation) {
    return operation.f == "assign" ? 1 : operation.f == "crash" ? 5 : 3;
}

/// A line of the history, sorted by where it belongs.
struct Row {
    std::uint64_t order;
    std::string text;
};

void add_faults(std::span<const TraceEntry> entries, const Configuration& configuration,
                const Extract& extract, std::vector<Row>& rows) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto* fault = std::get_if<fact::FaultHappened>(&entries[i].fact);
        if (fault == nullptr || !extract.has_time(entries[i].time)) continue;
        const std::string& name = configuration.faults[static_cast<std::size_t>(fault->fault)].name;
        rows.push_back({8 * i, fmt::format(":type :info, :f :{}, :value {{:fault {}, :target {}}}, :process "
                                           ":nemesis, :time {}",
                                           fault->undone ? "stop-fault" : "start-fault", text_of_edn(name),
                                           text_of_edn(process_name(configuration, fault->broker)),
                                           entries[i].time.micros * 1000)});
    }
}

} // namespace

std::string edn_of(std::span<const TraceEntry> entries, const Configuration& configuration,
                   const Extract& extract) {
    const History history = history_of(entries, configuration);
    std::vector<Row> rows;
    const auto is_wanted = [&](const Operation& operation) {
        if (!extract.has_time(operation.invoked)) return false;
        if (extract.partitions.empty()) return true;
        const auto wanted = [&](std::int32_t key) { return extract.has_partition(history.keys.at(key)); };
        return std::any_of(operation.sends.begin(), operation.sends.end(),
                           [&](const SentRecord& one) { return wanted(one.key); }) ||
               std::any_of(operation.polled.begin(), operation.polled.end(),
                           [&](const PolledRecord& one) { return wanted(one.key); }) ||
               std::any_of(operation.keys.begin(), operation.keys.end(), wanted);
    };
    for (const Operation& operation : history.operations) {
        if (!is_wanted(operation)) continue;
        const std::uint64_t place = place_of(operation);
        rows.push_back({8 * operation.entry_invoked + place,
                        line_of(operation, "invoke", operation.invoked, value_of(operation, true))});
        rows.push_back({8 * operation.entry_completed + place + 1,
                        line_of(operation, operation.type, operation.completed, value_of(operation, false))});
    }
    add_faults(entries, configuration, extract, rows);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& left, const Row& right) { return left.order < right.order; });
    std::string out;
    for (const auto& [key, name] : history.keys)
        out += fmt::format("; key {} is {}\n", key, text_of_edn(name));
    for (const auto& [process, name] : history.processes)
        out += fmt::format("; process {} is {}\n", process, text_of_edn(name));
    std::size_t index = 0;
    for (const Row& row : rows)
        out += fmt::format("{{:index {}, {}}}\n", index++, row.text);
    return out;
}

} // namespace highwater
