#pragma once
// Randomness that is addressed, not consumed: a draw is a function of (key, purpose, owner, counter).

#include "sim/core/ratio.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <vector>

namespace sim {

/// 64 random bits at one address. Source: XXH3 over the four numbers, little-endian, with the key as seed.
std::uint64_t draw_bits(std::uint64_t key, std::uint32_t purpose, std::uint64_t owner, std::uint64_t counter);

/// Maps bits to [0, bound): the high half of the 128-bit product. Shape: bound > 0. The bias is below bound /
/// 2^64.
std::uint64_t below(std::uint64_t bits, std::uint64_t bound);

/// Whether an event of this probability happens.
bool happens(std::uint64_t bits, Ratio probability);

/// A key and a counter for each stream (purpose, owner). A new stream never shifts another.
struct Choices {
    struct Stream {
        std::uint32_t purpose = 0;
        std::uint64_t owner = 0;
        std::uint64_t counter = 0;
        bool operator==(const Stream&) const = default;
    };
    std::uint64_t key = 0;
    std::vector<Stream> streams; // sorted by (purpose, owner)

    std::uint64_t next_bits(std::uint32_t purpose, std::uint64_t owner);
    bool operator==(const Choices&) const = default;
};

/// A latency by three quantiles. Shape: p50 <= p99 <= max.
struct LatencyTable {
    Duration p50;
    Duration p99;
    Duration max;
    bool operator==(const LatencyTable&) const = default;
};

/// Value of the quantile function at a uniform draw, linear between p50/2 at 0, p50 at 1/2, p99 at 0.99, max
/// at 1.
Duration sample(const LatencyTable& table, std::uint64_t bits);

} // namespace sim
