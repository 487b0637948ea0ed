#pragma once
// What a user would pick for the event queue: the measures that the timing wheel is held against.

#include "sim/core/time.hpp"

#include <algorithm>
#include <cstdint>
#include <queue>
#include <unordered_set>
#include <vector>

namespace bench {

/// As much as a small message; 56 bytes with time and sequence.
struct Payload {
    std::uint64_t words[5]{};
    bool operator==(const Payload&) const = default;
};
struct Event {
    std::int64_t time = 0;
    std::uint64_t sequence = 0;
    Payload payload;
};
/// The total order of all queues.
constexpr bool before(std::int64_t time_a, std::uint64_t sequence_a, std::int64_t time_b,
                      std::uint64_t sequence_b) {
    return time_a != time_b ? time_a < time_b : sequence_a < sequence_b;
}

/// std::priority_queue of whole events; a cancelled one stays until its time comes.
class StandardHeap {
  public:
    using Handle = std::uint64_t;
    Handle schedule(std::int64_t time, const Payload& payload) {
        heap_.push({time, sequence_, payload});
        return sequence_++;
    }
    void cancel(Handle handle) { cancelled_.insert(handle); }
    Event pop() {
        while (!cancelled_.empty() && cancelled_.erase(heap_.top().sequence) == 1)
            heap_.pop();
        const Event event = heap_.top();
        heap_.pop();
        return event;
    }

  private:
    struct Later {
        bool operator()(const Event& a, const Event& b) const {
            return before(b.time, b.sequence, a.time, a.sequence);
        }
    };
    std::priority_queue<Event, std::vector<Event>, Later> heap_;
    std::unordered_set<std::uint64_t> cancelled_;
    std::uint64_t sequence_ = 0;
};

/// A 4-ary heap of (time, sequence, place) over a slab of payloads. With `Indexed` it knows where each entry
/// stands, so that cancelling removes it.
template <bool Indexed> class FourAryHeap {
  public:
    using Handle = std::uint32_t; // place in the slab
    Handle schedule(std::int64_t time, const Payload& payload) {
        std::uint32_t place = 0;
        if (free_.empty()) {
            place = static_cast<std::uint32_t>(payloads_.size());
            payloads_.emplace_back();
            if constexpr (Indexed) positions_.emplace_back();
        } else {
            place = free_.back();
            free_.pop_back();
        }
        payloads_[place] = payload;
        heap_.emplace_back();
        rise(heap_.size() - 1, {time, (sequence_++ << 24) | place});
        return place;
    }
    void cancel(Handle place) {
        static_assert(Indexed);
        const std::size_t hole = positions_[place];
        free_.push_back(place);
        const Key last = heap_.back();
        heap_.pop_back();
        if (hole == heap_.size()) return;
        const bool up = hole > 0 && less(last, heap_[(hole - 1) / 4]);
        if (up)
            rise(hole, last);
        else
            sink(hole, last);
    }
    Event pop() {
        const Key first = heap_.front();
        const std::uint32_t place = place_of(first);
        const Event event{first.time, first.sequence_and_place >> 24, payloads_[place]};
        free_.push_back(place);
        const Key last = heap_.back();
        heap_.pop_back();
        if (!heap_.empty()) sink(0, last);
        return event;
    }

  private:
    struct Key { // 16 bytes: four children share a cache line; at most 2^24 are pending
        std::int64_t time = 0;
        std::uint64_t sequence_and_place = 0;
    };
    std::vector<Key> heap_;
    std::vector<Payload> payloads_;
    std::vector<std::size_t> positions_;
    std::vector<std::uint32_t> free_;
    std::uint64_t sequence_ = 0;

    static std::uint32_t place_of(const Key& key) { return key.sequence_and_place & 0xffffffU; }
    static bool less(const Key& a, const Key& b) {
        return before(a.time, a.sequence_and_place, b.time, b.sequence_and_place);
    }
    void put(std::size_t at, const Key& key) {
        heap_[at] = key;
        if constexpr (Indexed) positions_[place_of(key)] = at;
    }
    void rise(std::size_t at, const Key& key) {
        while (at > 0 && less(key, heap_[(at - 1) / 4])) {
            put(at, heap_[(at - 1) / 4]);
            at = (at - 1) / 4;
        }
        put(at, key);
    }
    void sink(std::size_t at, const Key& key) {
        while (true) {
            const std::size_t first = 4 * at + 1;
            if (first >= heap_.size()) break;
            std::size_t least = first;
            for (std::size_t child = first + 1; child < std::min(first + 4, heap_.size()); ++child)
                if (less(heap_[child], heap_[least])) least = child;
            if (!less(heap_[least], key)) break;
            put(at, heap_[least]);
            at = least;
        }
        put(at, key);
    }
};

} // namespace bench
