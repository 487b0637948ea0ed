#include "tools/highwater/report/report.hpp"

#include "tools/highwater/names.hpp"

#include <charconv>

namespace highwater {

using kafka::Json;

std::optional<ChosenRecord> find_record(const kafka::Configuration& configuration, const std::string& name) {
    const std::size_t colon = name.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    ChosenRecord chosen;
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + colon + 1, end, chosen.value);
    if (error != std::errc{} || rest != end || chosen.value < 0) return std::nullopt;
    for (std::size_t s = 0; s < configuration.streams.size(); ++s) {
        chosen.stream = kafka::StreamIndex{static_cast<std::int32_t>(s)};
        if (configuration.streams[s].producer != kafka::no_producer &&
            record_name(configuration, chosen.stream, chosen.value) == name)
            return chosen;
    }
    return std::nullopt;
}

Json picture_of(const Outcome& outcome, std::span<const TraceEntry> entries,
                const std::vector<ChosenRecord>& chosen) {
    const kafka::Configuration& configuration = *outcome.configuration;
    std::vector<std::string> notices;
    Json brokers = Json::array();
    for (const kafka::BrokerConfiguration& broker : configuration.brokers)
        brokers.push_back(
            {{"id", broker.id.value}, {"rack", broker.rack}, {"release", std::string(name(broker.release))}});
    Json run = {{"end_us", outcome.end.micros},
                {"brokers", brokers},
                {"lives", broker_lives(configuration, entries)},
                {"faults", fault_spans(outcome, entries)},
                {"partitions", partition_lanes(outcome, entries, notices)},
                {"producers", producer_lanes(configuration, entries, notices)},
                {"consumers", consumer_lanes(configuration, entries, notices)},
                {"series", series_of(configuration, entries, notices)},
                {"biographies", biographies(outcome, entries, chosen, notices)}};
    run["notices"] = notices;
    return run;
}

} // namespace highwater
