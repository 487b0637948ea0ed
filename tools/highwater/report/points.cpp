#include "tools/highwater/report/points.hpp"

#include <algorithm>
#include <array>

namespace highwater {

std::vector<Point> thinned(const std::vector<Point>& points, std::size_t most) {
    if (points.size() <= most || points.size() < 5) return points;
    const std::size_t stretches = std::max<std::size_t>(1, most / 4);
    const std::int64_t from = points.front().time;
    const std::int64_t width = (points.back().time - from) / static_cast<std::int64_t>(stretches) + 1;
    std::vector<Point> kept;
    for (std::size_t first = 0; first < points.size();) {
        const std::int64_t stretch = (points[first].time - from) / width;
        std::size_t end = first;
        std::size_t least = first;
        std::size_t greatest = first;
        for (; end < points.size() && (points[end].time - from) / width == stretch; ++end) {
            if (points[end].value < points[least].value) least = end;
            if (points[end].value > points[greatest].value) greatest = end;
        }
        std::array<std::size_t, 4> chosen{first, least, greatest, end - 1};
        std::sort(chosen.begin(), chosen.end());
        for (std::size_t i = 0; i < chosen.size(); ++i)
            if (i == 0 || chosen[i] != chosen[i - 1]) kept.push_back(points[chosen[i]]);
        first = end;
    }
    return kept;
}

nlohmann::ordered_json flat(const std::vector<Point>& points) {
    auto list = nlohmann::ordered_json::array();
    for (const Point& point : points) {
        list.push_back(point.time);
        list.push_back(point.value);
    }
    return list;
}

} // namespace highwater
