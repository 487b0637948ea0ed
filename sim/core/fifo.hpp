#pragma once
// A queue in one piece of memory that is used again and again.

#include "sim/core/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sim {

/// Items in order, taken from the front. Shape: places of taken items are reused once they are half of all;
/// nothing is allocated when as much is taken as is added. Iterators are pointers, valid until the next
/// change.
template <class T> class Fifo {
  public:
    bool empty() const { return first_ == items_.size(); }
    std::size_t size() const { return items_.size() - first_; }
    T* begin() { return items_.data() + first_; }
    T* end() { return items_.data() + items_.size(); }
    const T* begin() const { return items_.data() + first_; }
    const T* end() const { return items_.data() + items_.size(); }
    T& front() { return items_[first_]; }
    T& back() { return items_.back(); }
    const T& front() const { return items_[first_]; }
    const T& back() const { return items_.back(); }

    void push_back(T item) { items_.push_back(std::move(item)); }
    void push_front(T item) { insert(begin(), std::move(item)); }
    void pop_front() {
        SIM_ASSERT(!empty(), "there is a first item");
        ++first_;
        const bool worth_it = first_ == items_.size() || (first_ >= 32 && 2 * first_ >= items_.size());
        if (!worth_it) return;
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    void insert(const T* before, T item) {
        const std::ptrdiff_t at = before - items_.data();
        if (before == begin() && first_ > 0)
            items_[--first_] = std::move(item);
        else
            items_.insert(items_.begin() + at, std::move(item));
    }
    void erase(const T* item) {
        if (item == begin()) return pop_front();
        items_.erase(items_.begin() + (item - items_.data()));
    }
    void clear() {
        items_.clear();
        first_ = 0;
    }
    void swap(Fifo& other) {
        items_.swap(other.items_);
        std::swap(first_, other.first_);
    }
    /// Calls `visit(part)` for the size, then for each item.
    template <class Visit> void for_each_part(Visit&& visit) const {
        visit(size());
        for (const T& item : *this)
            visit(item);
    }
    bool operator==(const Fifo& other) const {
        return std::equal(begin(), end(), other.begin(), other.end());
    }

  private:
    std::vector<T> items_;
    std::size_t first_ = 0; // those before it were taken
};

} // namespace sim
