#include "tools/highwater/study/words.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace highwater {

std::string paint(bool on, const char* code, const std::string& text) {
    return on ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

std::string rate_text(double rate) {
    const double size = std::abs(rate);
    if (size == 0) return "0";
    return size < 1     ? fmt::format("{:.2f}", rate)
           : size < 100 ? fmt::format("{:.1f}", rate)
                        : fmt::format("{:.0f}", rate);
}

std::string bytes_text(double bytes) {
    const double size = std::abs(bytes);
    if (size >= 1000000) return fmt::format("{:.2f} MB", bytes / 1000000);
    return size >= 1000 ? fmt::format("{:.1f} kB", bytes / 1000) : fmt::format("{:.0f} B", bytes);
}

std::string length_text(double micros) {
    const double size = std::abs(micros);
    if (size >= 1000000) return fmt::format("{:.2f} s", micros / 1000000);
    return size >= 100000 ? fmt::format("{:.0f} ms", micros / 1000) : fmt::format("{:.2f} ms", micros / 1000);
}

std::string latency_text(std::int64_t micros) {
    return micros < 0 ? "-" : length_text(static_cast<double>(micros));
}

std::string percent_text(double share) { return fmt::format("{:.2f} %", share * 100); }

std::string proportion_text(std::int64_t count, std::int64_t of) {
    return proportion_text(count, of, clopper_pearson(count, of));
}

std::string proportion_text(std::int64_t count, std::int64_t of, const Interval& interval) {
    // A bound is rounded outwards: what is printed holds.
    const double low = std::floor(interval.low * 10000) / 100;
    const double high = std::ceil(interval.high * 10000) / 100;
    if (count == 0) return fmt::format("0 of {}, at most {:.2f} %", of, high);
    if (count == of) return fmt::format("{} of {}, at least {:.2f} %", count, of, low);
    return fmt::format("{} of {}, {:.2f} to {:.2f} %", count, of, low, high);
}

std::string aligned(const std::vector<Row>& rows, bool colour) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string out;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line = " ";
        for (std::size_t i = 0; i < rows[r].size(); ++i)
            line += i < 2 ? fmt::format(" {:<{}} ", rows[r][i], widths[i])
                          : fmt::format(" {:>{}} ", rows[r][i], widths[i]);
        line.resize(line.find_last_not_of(' ') + 1);
        out += (r == 0 ? paint(colour, "1", line) : line) + "\n";
    }
    return out;
}

} // namespace highwater
