#include "tools/highwater/formats/causes.hpp"
#include "tools/highwater/formats/formats.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace highwater {

namespace {

using namespace kafka;

/// ShiViz takes a host up to the next blank.
std::string host_name(const Processes& processes, int process) {
    std::string name = processes.name(process);
    for (char& c : name)
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') c = '-';
    return name;
}

/// Vector clocks over all facts, and those of the shown facts, which count shown facts alone.
/// Shape: a clock is a row of `width` counters, one for each process.
struct Clocks {
    std::size_t width;
    std::vector<std::uint32_t> rows;              // of the entries, in order
    std::vector<std::vector<std::uint32_t>> seen; // by process: own counters of the shown facts, ascending

    const std::uint32_t* row(std::size_t entry) const { return rows.data() + entry * width; }
    /// How many shown facts of `process` an entry with this clock knows of.
    std::uint32_t shown(const std::uint32_t* clock, std::size_t process) const {
        const std::vector<std::uint32_t>& own = seen[process];
        return static_cast<std::uint32_t>(std::upper_bound(own.begin(), own.end(), clock[process]) -
                                          own.begin());
    }
};

struct Shown {
    std::size_t entry;
    int process;
    std::string text;
};

std::string clock_text(const Clocks& clocks, const Shown& shown, const std::vector<std::string>& hosts) {
    std::string text = "{";
    const std::uint32_t* clock = clocks.row(shown.entry);
    for (std::size_t p = 0; p < clocks.width; ++p) {
        const std::uint32_t count = clocks.shown(clock, p);
        if (count == 0) continue;
        text += (text.size() > 1 ? ", " : "") + hosts[p] + ':' + std::to_string(count);
    }
    return text + "}";
}

} // namespace

std::string shiviz_of(std::span<const TraceEntry> entries, const Configuration& configuration,
                      const Extract& extract) {
    Processes processes(configuration);
    Causes causes;
    Clocks clocks{static_cast<std::size_t>(processes.count()), {}, {}};
    clocks.rows.resize(entries.size() * clocks.width);
    clocks.seen.resize(clocks.width);
    std::vector<std::vector<std::uint32_t>> latest(clocks.width, std::vector<std::uint32_t>(clocks.width, 0));
    std::vector<Shown> all;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const TraceEntry& entry = entries[i];
        const int process = processes.of(entry.fact);
        const std::vector<Cause>& before = causes.of(entry.fact);
        if (process < 0) continue;
        const auto p = static_cast<std::size_t>(process);
        std::vector<std::uint32_t>& clock = latest[p];
        clock[p] += 1;
        for (const Cause& cause : before)
            for (std::size_t k = 0; k < clocks.width; ++k)
                if (k != p) clock[k] = std::max(clock[k], clocks.row(cause.from)[k]);
        std::copy(clock.begin(), clock.end(),
                  clocks.rows.begin() + static_cast<std::ptrdiff_t>(i * clocks.width));
        if (!extract.has_time(entry.time)) continue;
        const LineText text = line_text(render({&entry, 1}, configuration));
        if (!extract.has(text)) continue;
        clocks.seen[p].push_back(clock[p]);
        all.push_back({i, process, text.fact + (text.members.empty() ? "" : "  ") + text.members});
    }
    std::vector<std::string> hosts;
    for (int p = 0; p < processes.count(); ++p)
        hosts.push_back(nlohmann::json(host_name(processes, p)).dump());
    std::string out = "(?<time>\\d+) us (?<host>\\S+) (?<clock>\\{.*\\})\\n(?<event>.*)\n\n";
    for (const Shown& shown : all)
        out += fmt::format("{} us {} {}\n{}\n", entries[shown.entry].time.micros,
                           host_name(processes, shown.process), clock_text(clocks, shown, hosts), shown.text);
    return out;
}

} // namespace highwater
