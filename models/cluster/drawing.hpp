#pragma once
// What the seed decides about a fault of the script: its times within their ranges, and which broker "any
// broker" is.

#include "models/turn/configuration.hpp"

namespace kafka {

/// What a draw of a fault is for; each has an address of its own.
enum class FaultDraw : std::uint8_t { at, by, lasts };

/// A length that the seed decides within [from, to]; `fault` is its place in the script.
std::int64_t drawn_between(std::uint64_t seed, std::int64_t from, std::int64_t to, std::int32_t fault,
                           FaultDraw what);
/// Whom "any broker" means in this fault. Shape: brokers > 0.
BrokerSlot drawn_broker(std::uint64_t seed, std::int32_t fault, std::size_t brokers);

/// The configuration as `seed` has it, with nothing left to decide about its script: weather is drawn, ranges
/// of times have become one time, "any broker" has a number. A run of it under the same seed is the same run.
/// Leaves out: targets that depend on the run, such as "leader of orders-0"; the run finds them again.
Configuration with_everything_drawn(const Configuration& configuration, std::uint64_t seed);

} // namespace kafka
