#include "tools/highwater/suite/golden.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <variant>

namespace highwater {

namespace {

constexpr std::size_t most_lines = 2000;

template <class... Kinds> bool is_one_of(const kafka::Fact& fact) {
    return (std::holds_alternative<Kinds>(fact) || ...);
}

bool comes_with_batches(const kafka::Fact& fact) {
    using namespace kafka::fact;
    return is_one_of<RecordsSent, ProduceSent, BatchAppended, BatchRemoved, ProduceAnswered,
                     RecordsAcknowledged, FetchServed, HighWatermarkMoved, Delivered, MetadataApplied,
                     Ignored, DuplicateDetected, Polled, ProcessingBegan, ProcessingEnded,
                     CoordinatorAppended, CommitSent, CommitAnswered, OffsetCommitted, RecordsExpired,
                     RecordsCompacted>(fact);
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
    std::vector<TraceEntry> story;
    for (const TraceEntry& entry : trace.entries()) {
        if (comes_with_batches(entry.fact)) continue;
        story.push_back(entry);
        if (story.size() == most_lines) break;
    }
    std::string records;
    for (const auto& [key, count] : verdict["records"].items()) {
        if (key == "expired" && count == 0) continue; // younger than most golden traces
        records += fmt::format("{}\"{}\": {}", records.empty() ? "" : ", ", key, count.dump());
    }
    return render(story, configuration) +
           fmt::format("{{\"fingerprint\": {}, \"events\": {}, \"records\": {{{}}}}}\n",
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
