#pragma once
// Where generators get their decisions from.

#include "sim/choices/choices.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace properties {

/// Decisions of one generated case. Shape: the n-th decision is a function of (seed, n), so that a case can
/// be made again from its seed alone.
class Chooser {
  public:
    explicit Chooser(std::uint64_t seed) : seed_(seed) {}
    /// A number in [0, bound).
    std::uint64_t below(std::uint64_t bound) {
        return sim::below(sim::draw_bits(seed_, 9000, 0, next_++), bound);
    }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
    }
    /// True in `parts` of `of` cases.
    bool happens(std::uint64_t parts, std::uint64_t of) { return below(of) < parts; }
    template <class T, std::size_t N> const T& one_of(const std::array<T, N>& all) { return all[below(N)]; }
    template <class T> const T& one_of(const std::vector<T>& all) { return all[below(all.size())]; }

  private:
    std::uint64_t seed_;
    std::uint64_t next_ = 0;
};

} // namespace properties
