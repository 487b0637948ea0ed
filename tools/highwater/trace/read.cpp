#include "tools/highwater/trace/read.hpp"

#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

namespace {

using namespace kafka;
using Json = TraceLine;

constexpr std::size_t longest_line = 64U << 10;

void read_line(const Json& object, int line, Census& census, ReadTrace& trace) {
    FactReader reader{object, census, trace, line};
    const std::string kind = reader.text("fact");
    const auto time = sim::SimTime{reader.number<std::int64_t>("time_us")};
    // BrokerChanged has a second "event", its own: JSON keeps the last, so the number is read from the text.
    const auto event = object.contains("step") ? reader.number<std::int64_t>("step") : 0;
    std::optional<Fact> fact = reader.of_client(kind);
    if (!fact) fact = reader.of_application(kind);
    if (!fact) fact = reader.of_quorum(kind);
    if (!fact) fact = reader.of_disk(kind);
    if (!fact) fact = reader.of_coordinator(kind);
    if (!fact) fact = reader.of_member(kind);
    if (!fact) fact = reader.of_transaction(kind);
    if (!fact) fact = reader.of_replica(kind);
    if (!fact) fact = reader.of_role(kind);
    if (!fact) fact = reader.of_control(kind);
    if (!fact) fact = reader.of_operation(kind);
    if (!fact && reader.fine) reader.wrong("fact", "a fact of this version, got \"" + kind + "\"");
    if (fact && reader.fine) trace.entries.push_back({time, static_cast<std::uint64_t>(event), *fact});
}

/// The line as an object; the first "event" under the name "step".
Json parse_line(std::string line) {
    const std::size_t at = line.find("\"event\":");
    if (at != std::string::npos && at < 40) line.replace(at, 8, "\"step\":");
    return Json::parse(line, nullptr, false);
}

} // namespace

ReadTrace read_trace(std::string_view text) {
    ReadTrace trace;
    Census census;
    std::vector<std::pair<int, Json>> lines;
    int number = 0;
    const auto complain = [&](const std::string& message) {
        if (trace.problems.size() < most_trace_problems) trace.problems.push_back({number, "", message});
    };
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t to = std::min(text.find('\n', from), text.size());
        const std::string_view line = text.substr(from, to - from);
        from = to + 1;
        ++number;
        if (line.empty()) continue;
        if (line.size() > longest_line) {
            complain("longer than 64 KiB");
            continue;
        }
        Json object = parse_line(std::string(line));
        if (!object.is_object()) {
            complain("expected a JSON object");
            continue;
        }
        census.line(object);
        if (census.brokers.size() > 64 ||
            (!census.brokers.empty() &&
             (*census.brokers.begin() < 0 || *census.brokers.rbegin() > 2147483647))) {
            complain("expected at most 64 brokers, with ids from 0");
            return trace;
        }
        lines.emplace_back(number, std::move(object));
    }
    trace.names = census.configuration();
    for (const auto& [line, object] : lines)
        read_line(object, line, census, trace);
    return trace;
}

} // namespace highwater
