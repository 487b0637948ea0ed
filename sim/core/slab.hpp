#pragma once
// Things of varying size that messages name by a handle; places are recycled with their capacity.

#include "sim/core/assert.hpp"

#include <cstdint>
#include <vector>

namespace sim {

/// Names one place of a slab for as long as it is used.
struct SlabHandle {
    std::uint32_t index = 0xffffffff;
    std::uint32_t generation = 0;
    bool operator==(const SlabHandle&) const = default;
};

/// Recycled places. Shape: T has `clear()` and keeps its capacity through it. Equal when the live places are
/// equal.
template <class T> class Slab {
  public:
    SlabHandle acquire() {
        if (free_.empty()) {
            places_.push_back(Place{});
            free_.push_back(static_cast<std::uint32_t>(places_.size() - 1));
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        places_[index].live = true;
        ++live_;
        return {index, places_[index].generation};
    }
    T& open(SlabHandle handle) { return place(handle).content; }
    const T& open(SlabHandle handle) const { return const_cast<Slab*>(this)->place(handle).content; }
    void release(SlabHandle handle) {
        Place& freed = place(handle);
        freed.content.clear();
        freed.live = false;
        freed.generation += 1;
        free_.push_back(handle.index);
        --live_;
    }
    std::size_t live() const { return live_; }
    /// Calls `visit(part)` for each part of what decides the future: contents in use, then who is used next.
    template <class Visit> void for_each_part(Visit&& visit) const {
        for (std::uint32_t i = 0; i < places_.size(); ++i) {
            visit(places_[i].generation);
            visit(places_[i].live);
            if (places_[i].live) visit(places_[i].content);
        }
        visit(free_);
    }

    bool operator==(const Slab& other) const {
        if (live_ != other.live_ || free_ != other.free_ || places_.size() != other.places_.size())
            return false;
        for (std::size_t i = 0; i < places_.size(); ++i)
            if (!(places_[i] == other.places_[i])) return false;
        return true;
    }

  private:
    struct Place {
        T content{};
        std::uint32_t generation = 0;
        bool live = false;
        bool operator==(const Place&) const = default;
    };
    std::vector<Place> places_;
    std::vector<std::uint32_t> free_;
    std::size_t live_ = 0;

    Place& place(SlabHandle handle) {
        SIM_ASSERT(handle.index < places_.size(), "the handle names a place");
        Place& found = places_[handle.index];
        SIM_ASSERT(found.live && found.generation == handle.generation, "the handle is still in use");
        return found;
    }
};

} // namespace sim
