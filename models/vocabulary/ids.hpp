#pragma once
// The numbers that all models share, and small sets of brokers.

#include "sim/core/strong.hpp"

#include <array>
#include <bit>
#include <cstdint>

namespace kafka {

using Offset = sim::Strong<struct OffsetTag>;             // position in a log, from 0
using Epoch = sim::Strong<struct EpochTag, std::int32_t>; // leader epoch; one more per election
using PartitionEpoch =
    sim::Strong<struct PartitionEpochTag, std::int32_t>;        // one more per partition change record
using BrokerEpoch = sim::Strong<struct BrokerEpochTag>;         // offset of the registration record (KRaft)
using BrokerId = sim::Strong<struct BrokerIdTag, std::int32_t>; // node.id as the scenario gives it
using PartitionIndex =
    sim::Strong<struct PartitionIndexTag, std::int32_t>; // dense, over all topics in file order
using TopicIndex = sim::Strong<struct TopicIndexTag, std::int32_t>;
using ProducerIndex = sim::Strong<struct ProducerIndexTag, std::int32_t>; // position in the scenario's list
using ConsumerIndex = sim::Strong<struct ConsumerIndexTag, std::int32_t>;
using ProducerId = sim::Strong<struct ProducerIdTag>; // of the idempotent producer; -1 = none
using Value = sim::Strong<struct ValueTag>;           // n-th record of a stream, from 0

/// All records that one producer sends to one partition, in the order of its send calls.
using StreamIndex = sim::Strong<struct StreamIndexTag, std::int32_t>;

inline constexpr BrokerId no_broker{-1};
inline constexpr Epoch no_epoch{-1};
inline constexpr Offset no_offset{-1};
inline constexpr BrokerEpoch no_broker_epoch{-1};
inline constexpr ProducerId no_producer_id{-1};
inline constexpr ProducerIndex no_producer{-1}; // writer of internal topics
inline constexpr StreamIndex no_stream{-1};     // of control batches

/// Position of a broker in the configuration's list; masks and vectors are indexed by it.
using BrokerSlot = sim::Strong<struct BrokerSlotTag, std::int32_t>;
inline constexpr BrokerSlot no_slot{-1};

/// Position of a voter in Configuration::controllers.
using Voter = sim::Strong<struct VoterTag, std::int32_t>;
inline constexpr Voter no_voter{-1};

/// A set of brokers by slot. Shape: at most 64 brokers a cluster.
struct BrokerSet {
    std::uint64_t bits = 0;

    constexpr bool has(BrokerSlot slot) const { return slot.value >= 0 && ((bits >> slot.value) & 1U) != 0; }
    constexpr void add(BrokerSlot slot) { bits |= std::uint64_t{1} << slot.value; }
    constexpr void remove(BrokerSlot slot) { bits &= ~(std::uint64_t{1} << slot.value); }
    constexpr int size() const { return std::popcount(bits); }
    constexpr bool empty() const { return bits == 0; }
    constexpr bool contains(BrokerSet other) const { return (other.bits & ~bits) == 0; }
    constexpr bool operator==(const BrokerSet&) const = default;

    /// Slots in ascending order: `for (slot = first(); slot != no_slot; slot = after(slot))`.
    constexpr BrokerSlot first() const { return after(no_slot); }
    constexpr BrokerSlot after(BrokerSlot slot) const {
        const int from = slot.value + 1;
        if (from >= 64) return no_slot;
        const std::uint64_t rest = bits >> from;
        return rest == 0 ? no_slot : BrokerSlot{static_cast<std::int32_t>(from + std::countr_zero(rest))};
    }
};

constexpr BrokerSet operator|(BrokerSet left, BrokerSet right) { return {left.bits | right.bits}; }
constexpr BrokerSet operator&(BrokerSet left, BrokerSet right) { return {left.bits & right.bits}; }
constexpr BrokerSet operator-(BrokerSet left, BrokerSet right) { return {left.bits & ~right.bits}; }
constexpr BrokerSet only(BrokerSlot slot) {
    BrokerSet set;
    set.add(slot);
    return set;
}

/// Replicas of a partition in assignment order; the first is the preferred leader.
/// Shape: at most eight replicas.
struct Assignment {
    static constexpr int capacity = 8;
    std::array<BrokerSlot, capacity> slots{};
    std::int32_t count = 0;

    constexpr void add(BrokerSlot slot) { slots[static_cast<std::size_t>(count++)] = slot; }
    constexpr const BrokerSlot* begin() const { return slots.data(); }
    constexpr const BrokerSlot* end() const { return slots.data() + count; }
    constexpr BrokerSet set() const {
        BrokerSet all;
        for (const BrokerSlot slot : *this)
            all.add(slot);
        return all;
    }
    constexpr bool operator==(const Assignment&) const = default;
};

} // namespace kafka
