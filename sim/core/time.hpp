#pragma once
// Simulated time: instants and lengths, both integer microseconds.

#include <compare>
#include <cstdint>
#include <limits>

namespace sim {

/// A length of time. Unit: microseconds, may be negative in intermediate results.
struct Duration {
    std::int64_t micros = 0;
    constexpr auto operator<=>(const Duration&) const = default;
};

/// An instant since the run began. Unit: microseconds.
struct SimTime {
    std::int64_t micros = 0;
    constexpr auto operator<=>(const SimTime&) const = default;

    /// An instant that is never reached.
    static constexpr SimTime never() { return SimTime{std::numeric_limits<std::int64_t>::max()}; }
};

constexpr Duration microseconds(std::int64_t count) { return Duration{count}; }
constexpr Duration milliseconds(std::int64_t count) { return Duration{count * 1000}; }
constexpr Duration seconds(std::int64_t count) { return Duration{count * 1000000}; }

constexpr Duration operator-(SimTime later, SimTime earlier) {
    return Duration{later.micros - earlier.micros};
}
constexpr SimTime operator-(SimTime instant, Duration length) {
    return SimTime{instant.micros - length.micros};
}
constexpr Duration operator+(Duration left, Duration right) { return Duration{left.micros + right.micros}; }
constexpr Duration operator-(Duration left, Duration right) { return Duration{left.micros - right.micros}; }
constexpr Duration operator*(Duration length, std::int64_t factor) {
    return Duration{length.micros * factor};
}
constexpr Duration operator/(Duration length, std::int64_t divisor) {
    return Duration{length.micros / divisor};
}

/// Adding saturates at `SimTime::never()`, so that a limit of Long.MAX_VALUE milliseconds means "never".
constexpr SimTime operator+(SimTime instant, Duration length) {
    if (length.micros > 0 && instant.micros > SimTime::never().micros - length.micros)
        return SimTime::never();
    return SimTime{instant.micros + length.micros};
}

} // namespace sim
