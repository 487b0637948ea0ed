#include "sim/physics/link.hpp"

#include <algorithm>

namespace sim {

Duration retransmission_gap(int attempt) {
    constexpr std::int64_t first = 200000;
    constexpr std::int64_t longest = 120000000;
    return Duration{std::min(longest, first << std::min(attempt, 20))};
}

Duration connect_retransmission_gap(int attempt) { return seconds(std::int64_t{1} << std::min(attempt, 6)); }

Duration transmission_time(std::int64_t bytes, std::int64_t bits_per_second) {
    if (bits_per_second == 0) return Duration{0};
    return Duration{(bytes * 8 * 1000000 + bits_per_second - 1) / bits_per_second};
}

} // namespace sim
