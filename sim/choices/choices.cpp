#include "sim/choices/choices.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace sim {

std::uint64_t draw_bits(std::uint64_t key, std::uint32_t purpose, std::uint64_t owner,
                        std::uint64_t counter) {
    const std::array<std::uint64_t, 3> address{purpose, owner, counter};
    return XXH3_64bits_withSeed(address.data(), sizeof address, key);
}

std::uint64_t below(std::uint64_t bits, std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(bits) * bound) >> 64);
}

bool happens(std::uint64_t bits, Ratio probability) {
    return below(bits, static_cast<std::uint64_t>(probability.den)) <
           static_cast<std::uint64_t>(probability.num);
}

std::uint64_t Choices::next_bits(std::uint32_t purpose, std::uint64_t owner) {
    auto at =
        std::lower_bound(streams.begin(), streams.end(), std::tuple{purpose, owner},
                         [](const Stream& stream, const std::tuple<std::uint32_t, std::uint64_t>& wanted) {
                             return std::tuple{stream.purpose, stream.owner} < wanted;
                         });
    if (at == streams.end() || at->purpose != purpose || at->owner != owner)
        at = streams.insert(at, Stream{purpose, owner, 0});
    return draw_bits(key, purpose, owner, at->counter++);
}

Duration sample(const LatencyTable& table, std::uint64_t bits) {
    constexpr std::uint64_t parts = 1000000; // a draw is one of a million quantiles
    const auto q = static_cast<std::int64_t>(below(bits, parts));
    const auto between = [q](Duration low, Duration high, std::int64_t from, std::int64_t to) {
        return Duration{low.micros + (high.micros - low.micros) * (q - from) / (to - from)};
    };
    if (q < 500000) return between(table.p50 / 2, table.p50, 0, 500000);
    if (q < 990000) return between(table.p50, table.p99, 500000, 990000);
    return between(table.p99, table.max, 990000, 1000000);
}

} // namespace sim
