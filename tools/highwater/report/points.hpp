#pragma once
// Values over time, made few enough to be shipped: what is left out never hides a peak.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace highwater {

/// A value that was reached at an instant. Shape: times ascend.
struct Point {
    std::int64_t time = 0;
    std::int64_t value = 0;
    bool operator==(const Point&) const = default;
};

/// At most about `most` points: of each of equal stretches of time the first, the least, the greatest and the
/// last. All of them when there are no more than `most`.
std::vector<Point> thinned(const std::vector<Point>& points, std::size_t most);

/// [time, value, time, value, ...]: half the size of pairs.
nlohmann::ordered_json flat(const std::vector<Point>& points);

} // namespace highwater
