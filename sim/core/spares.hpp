#pragma once
// Vectors that are empty now and were not: their memory is used again.

#include <utility>
#include <vector>

namespace sim {

/// Spare vectors of T. They say nothing about the future: all are equal, and a copy begins with none.
template <class T> class Spares {
  public:
    Spares() = default;
    Spares(const Spares&) {}
    Spares(Spares&&) noexcept = default;
    Spares& operator=(const Spares&) { return *this; }
    Spares& operator=(Spares&&) noexcept = default;
    ~Spares() = default;

    /// An empty vector, with memory when there is a spare one.
    std::vector<T> take() {
        if (kept_.empty()) return {};
        std::vector<T> spare = std::move(kept_.back());
        kept_.pop_back();
        return spare;
    }
    void give(std::vector<T>&& used) {
        used.clear();
        kept_.push_back(std::move(used));
    }
    template <class Visit> void for_each_part(Visit&&) const {} // nothing that decides the future
    bool operator==(const Spares&) const { return true; }

  private:
    std::vector<std::vector<T>> kept_;
};

} // namespace sim
