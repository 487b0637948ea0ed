#pragma once
// Numbers that cannot be mixed up: an offset is not an epoch, an index is not a count.

#include <compare>
#include <cstdint>

namespace sim {

/// An integer that carries its meaning in its type.
/// Shape: one `Rep`; ordered and hashed by value; no arithmetic except `next` and `distance`.
template <class Tag, class Rep = std::int64_t> struct Strong {
    Rep value = 0;

    constexpr Strong() = default;
    constexpr explicit Strong(Rep initial) : value(initial) {}
    constexpr auto operator<=>(const Strong&) const = default;
};

template <class Tag, class Rep>
constexpr Strong<Tag, Rep> next(Strong<Tag, Rep> number, std::int64_t steps = 1) {
    return Strong<Tag, Rep>{static_cast<Rep>(number.value + static_cast<Rep>(steps))};
}

/// How many steps lead from `first` to `last`; negative when `last` is before `first`.
template <class Tag, class Rep>
constexpr std::int64_t distance(Strong<Tag, Rep> first, Strong<Tag, Rep> last) {
    return static_cast<std::int64_t>(last.value) - static_cast<std::int64_t>(first.value);
}

} // namespace sim
