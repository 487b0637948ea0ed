#pragma once
// Probabilities and shares without floating point.

#include <cstdint>

namespace sim {

/// `num` of `den`. Shape: den > 0.
struct Ratio {
    std::int64_t num = 0;
    std::int64_t den = 1;
    constexpr bool operator==(const Ratio&) const = default;
};

} // namespace sim
