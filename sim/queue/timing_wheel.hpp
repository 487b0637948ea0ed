#pragma once
// The event queue: an exact hierarchical timing wheel.

#include "sim/core/assert.hpp"
#include "sim/core/time.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace sim {

/// Names a pending event, so that it can be cancelled.
struct EventHandle {
    std::uint32_t index = 0xffffffff;
    std::uint32_t generation = 0;
    bool operator==(const EventHandle&) const = default;
};

/// Pending events in strict order of (time, sequence), as a value.
///
/// An entry sits at the level of the highest 6-bit digit in which its time differs from the cursor (the time
/// of the last pop), in the slot of that digit. Lists are first-in first-out and a bucket is spread over
/// lower levels before anything can be pushed below it, so equal times keep the order of scheduling without
/// any comparison. The cursor moves only when an event is really popped: looking at the next event changes
/// nothing. Shape: Payload is copyable; times are not negative and not before the last pop.
template <class Payload> class TimingWheel {
  public:
    struct Event {
        SimTime time;
        std::uint64_t sequence = 0;
        Payload payload{};
    };

    EventHandle schedule(SimTime when, const Payload& payload) {
        SIM_ASSERT(when.micros >= cursor_, "nothing is scheduled in the past");
        const std::uint32_t index = take_node();
        Node& node = nodes_[index];
        node.time = when.micros;
        node.sequence = next_sequence_++;
        node.payload = payload;
        node.live = true;
        link(index);
        ++size_;
        if (next_known_ && when.micros < next_time_) next_time_ = when.micros;
        return {index, node.generation};
    }

    /// False when the event has happened or was cancelled.
    bool cancel(EventHandle handle) {
        if (handle.index >= nodes_.size()) return false;
        Node& node = nodes_[handle.index];
        if (!node.live || node.generation != handle.generation) return false;
        if (node.time == next_time_) next_known_ = false;
        unlink(handle.index);
        give_node(handle.index);
        return true;
    }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::uint64_t next_sequence() const { return next_sequence_; }

    /// Time of the next event, or never. Does not move the cursor.
    SimTime next_time() const {
        if (size_ == 0) return SimTime::never();
        if (!next_known_) {
            next_time_ = find_next();
            next_known_ = true;
        }
        return SimTime{next_time_};
    }

    /// Removes and returns the least event by (time, sequence).
    Event pop() {
        SIM_ASSERT(size_ > 0, "there is an event to pop");
        int level = lowest_level();
        int slot = first_slot(level);
        while (level > 0 && lists_[list_of(level, slot)].head != lists_[list_of(level, slot)].tail) {
            spread(level, slot);
            level = lowest_level();
            slot = first_slot(level);
        }
        const std::uint32_t index = lists_[list_of(level, slot)].head;
        Node& node = nodes_[index];
        Event event{SimTime{node.time}, node.sequence, node.payload};
        unlink(index);
        cursor_ = node.time;
        give_node(index);
        next_known_ = false;
        return event;
    }

    /// Pending events, sorted by (time, sequence).
    template <class Visit> void for_each_pending(Visit&& visit) const {
        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i < nodes_.size(); ++i)
            if (nodes_[i].live) order.push_back(i);
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return nodes_[a].time != nodes_[b].time ? nodes_[a].time < nodes_[b].time
                                                    : nodes_[a].sequence < nodes_[b].sequence;
        });
        for (const std::uint32_t i : order)
            visit(SimTime{nodes_[i].time}, nodes_[i].sequence, nodes_[i].payload);
    }

    /// Calls `visit(part)` for each part of what decides the future.
    template <class Visit> void for_each_part(Visit&& visit) const {
        visit(next_sequence_);
        for_each_pending([&](SimTime time, std::uint64_t sequence, const Payload& payload) {
            visit(time);
            visit(sequence);
            visit(payload);
        });
    }

    /// Equal when the same events are pending and the next one scheduled gets the same sequence.
    bool operator==(const TimingWheel& other) const {
        if (size_ != other.size_ || next_sequence_ != other.next_sequence_) return false;
        std::vector<Event> mine;
        std::vector<Event> theirs;
        for_each_pending([&](SimTime t, std::uint64_t s, const Payload& p) { mine.push_back({t, s, p}); });
        other.for_each_pending([&](SimTime t, std::uint64_t s, const Payload& p) {
            theirs.push_back({t, s, p});
        });
        return std::equal(mine.begin(), mine.end(), theirs.begin(), [](const Event& a, const Event& b) {
            return a.time == b.time && a.sequence == b.sequence && a.payload == b.payload;
        });
    }

  private:
    static constexpr int levels = 11;
    static constexpr int slots = 64;
    static constexpr std::uint32_t none = 0xffffffff;

    struct Node {
        std::int64_t time = 0;
        std::uint64_t sequence = 0;
        std::uint32_t next = none;
        std::uint32_t previous = none;
        std::uint32_t generation = 0;
        std::uint16_t list = 0;
        bool live = false;
        Payload payload{};
    };
    struct List {
        std::uint32_t head = none;
        std::uint32_t tail = none;
    };

    std::vector<Node> nodes_;
    std::uint32_t free_head_ = none;
    std::array<List, static_cast<std::size_t>(levels* slots)> lists_{};
    std::array<std::uint64_t, levels> occupied_{}; // a bit for each slot that holds something
    std::uint32_t occupied_levels_ = 0;
    std::int64_t cursor_ = 0;
    std::uint64_t next_sequence_ = 0;
    std::size_t size_ = 0;
    mutable std::int64_t next_time_ = 0; // a cache: what find_next would say
    mutable bool next_known_ = false;

    static std::size_t list_of(int level, int slot) {
        return static_cast<std::size_t>(level) * slots + static_cast<std::size_t>(slot);
    }
    int lowest_level() const { return std::countr_zero(occupied_levels_); }
    int first_slot(int level) const { return std::countr_zero(occupied_[static_cast<std::size_t>(level)]); }

    std::uint32_t take_node() {
        if (free_head_ == none) {
            nodes_.push_back(Node{});
            return static_cast<std::uint32_t>(nodes_.size() - 1);
        }
        const std::uint32_t index = free_head_;
        free_head_ = nodes_[index].next;
        return index;
    }
    void give_node(std::uint32_t index) {
        Node& node = nodes_[index];
        node.live = false;
        node.generation += 1;
        node.next = free_head_;
        free_head_ = index;
        --size_;
    }

    void link(std::uint32_t index) {
        Node& node = nodes_[index];
        const auto differing = static_cast<std::uint64_t>(node.time ^ cursor_);
        const int level = differing == 0 ? 0 : (63 - std::countl_zero(differing)) / 6;
        const int slot = static_cast<int>((static_cast<std::uint64_t>(node.time) >> (6 * level)) & 63U);
        node.list = static_cast<std::uint16_t>(list_of(level, slot));
        List& list = lists_[node.list];
        node.next = none;
        node.previous = list.tail;
        if (list.tail == none) {
            list.head = index;
            occupied_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << slot;
            occupied_levels_ |= 1U << level;
        } else {
            nodes_[list.tail].next = index;
        }
        list.tail = index;
    }

    void unlink(std::uint32_t index) {
        Node& node = nodes_[index];
        List& list = lists_[node.list];
        if (node.previous == none)
            list.head = node.next;
        else
            nodes_[node.previous].next = node.next;
        if (node.next == none)
            list.tail = node.previous;
        else
            nodes_[node.next].previous = node.previous;
        if (list.head != none) return;
        const auto level = static_cast<std::size_t>(node.list / slots);
        occupied_[level] &= ~(std::uint64_t{1} << (node.list % slots));
        if (occupied_[level] == 0) occupied_levels_ &= ~(1U << level);
    }

    /// Moves the cursor to the earliest time of the bucket and spreads the bucket over lower levels, in
    /// order.
    void spread(int level, int slot) {
        List& list = lists_[list_of(level, slot)];
        std::int64_t earliest = nodes_[list.head].time;
        for (std::uint32_t i = list.head; i != none; i = nodes_[i].next)
            earliest = std::min(earliest, nodes_[i].time);
        std::uint32_t index = list.head;
        list = List{};
        occupied_[static_cast<std::size_t>(level)] &= ~(std::uint64_t{1} << slot);
        if (occupied_[static_cast<std::size_t>(level)] == 0) occupied_levels_ &= ~(1U << level);
        cursor_ = earliest;
        while (index != none) {
            const std::uint32_t following = nodes_[index].next;
            link(index);
            index = following;
        }
    }

    std::int64_t find_next() const {
        const int level = lowest_level();
        const List& list = lists_[list_of(level, first_slot(level))];
        std::int64_t earliest = nodes_[list.head].time;
        if (level == 0) return earliest;
        for (std::uint32_t i = list.head; i != none; i = nodes_[i].next)
            earliest = std::min(earliest, nodes_[i].time);
        return earliest;
    }
};

} // namespace sim
