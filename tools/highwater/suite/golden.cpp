#include "tools/highwater/suite/golden.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace highwater {

namespace {

constexpr std::size_t most_lines = 2000;

/// Facts that come with every batch.
constexpr const char* per_batch[] = {
    "RecordsSent",     "ProduceSent",         "BatchAppended",   "BatchRemoved",
    "ProduceAnswered", "RecordsAcknowledged", "FetchServed",     "HighWatermarkMoved",
    "Delivered",       "MetadataApplied",     "Ignored",         "DuplicateDetected",
    "Polled",          "ProcessingBegan",     "ProcessingEnded", "CoordinatorAppended",
    "CommitSent",      "CommitAnswered",      "OffsetCommitted", "RecordsExpired"};

bool comes_with_batches(std::string_view line) {
    return std::any_of(std::begin(per_batch), std::end(per_batch), [&](const char* fact) {
        return line.find("\"fact\":\"" + std::string(fact) + "\"") != std::string_view::npos;
    });
}

std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

} // namespace

std::string golden_text(const Trace& trace, const kafka::Configuration& configuration,
                        const kafka::Json& verdict) {
    if (trace.entries().size() <= most_lines) return trace.render(configuration);
    std::string text;
    std::size_t lines = 0;
    constexpr std::size_t chunk = 4096;
    for (std::size_t first = 0; first < trace.entries().size() && lines < most_lines; first += chunk) {
        const std::string rendered = trace.render(configuration, first, chunk);
        for (std::string_view rest = rendered; !rest.empty() && lines < most_lines;) {
            const std::string_view line = next_line(rest);
            if (comes_with_batches(line)) continue;
            text += std::string(line) + "\n";
            ++lines;
        }
    }
    std::string records;
    for (const auto& [key, count] : verdict["records"].items()) {
        if (key == "expired" && count == 0) continue; // younger than most golden traces
        records += fmt::format("{}\"{}\": {}", records.empty() ? "" : ", ", key, count.dump());
    }
    return text + fmt::format("{{\"fingerprint\": {}, \"events\": {}, \"records\": {{{}}}}}\n",
                              verdict["fingerprint"].dump(), verdict["events"].dump(), records);
}

std::string golden_file(const std::string& scenario_file) {
    return std::filesystem::path(scenario_file).replace_extension(".trace").generic_string();
}

Check compare_golden(const std::string& file, const std::string& golden, const std::string& now) {
    Check check{Check::Kind::golden, Check::State::passed, file, "", "", "", ""};
    if (golden == now) return check;
    check.state = Check::State::failed;
    std::string_view before = golden;
    std::string_view after = now;
    for (std::size_t number = 1;; ++number) {
        const bool ended = before.empty() || after.empty();
        const std::string wanted = before.empty() ? "(end of file)" : std::string(next_line(before));
        const std::string got = after.empty() ? "(end of trace)" : std::string(next_line(after));
        if (wanted == got && !ended) continue;
        check.wanted = wanted;
        check.got = got;
        check.because = fmt::format("differs at line {}", number);
        return check;
    }
}

} // namespace highwater
