#pragma once
// The running hash over what happened: facts are hashed where they are noted, so that nothing need be kept
// for it.

#include "models/vocabulary/facts.hpp"
#include "sim/core/hash.hpp"

#include <cstdint>
#include <type_traits>
#include <variant>

namespace kafka {

/// Hash over facts in order. Ingredients: time, number of the event, kind of fact; of the facts that tell a
/// run's course best also what they say.
class FactHash {
  public:
    template <class F> void add(sim::SimTime time, std::uint64_t event, const F& fact) {
        hash_.add(time.micros);
        hash_.add(event);
        constexpr std::size_t kind = kind_of<F>(static_cast<Fact*>(nullptr));
        static_assert(kind < std::variant_size_v<Fact>, "not a kind of fact");
        hash_.add(kind);
        if constexpr (std::is_same_v<F, fact::BatchAppended>)
            add_all(fact.broker.value, fact.partition.value, fact.base_offset.value, fact.first.value,
                    fact.count);
        else if constexpr (std::is_same_v<F, fact::RecordsAcknowledged>)
            add_all(fact.stream.value, fact.first.value, fact.base_offset.value);
        else if constexpr (std::is_same_v<F, fact::HighWatermarkMoved>)
            add_all(fact.broker.value, fact.partition.value, fact.high_watermark.value);
        else if constexpr (std::is_same_v<F, fact::PartitionChanged>)
            add_all(fact.leader.value, fact.leader_epoch.value, fact.isr.bits);
    }
    /// The same for a fact of any kind.
    void add_any(sim::SimTime time, std::uint64_t event, const Fact& any) {
        std::visit([&](const auto& fact) { add(time, event, fact); }, any);
    }
    /// What is left to say at the end of a run.
    sim::Hash& rest() { return hash_; }

  private:
    sim::Hash hash_;

    template <class... Integers> void add_all(Integers... numbers) { (hash_.add(numbers), ...); }
    template <class F, class... Kinds> static constexpr std::size_t kind_of(std::variant<Kinds...>*) {
        std::size_t kind = 0;
        const bool found = ((std::is_same_v<F, Kinds> || (++kind, false)) || ...);
        return found ? kind : sizeof...(Kinds);
    }
};

/// Who hashes a world's facts while the run loop drives it. A copy of the world is hashed by nobody.
struct FactHashPort {
    FactHash* hash = nullptr;
    const std::uint64_t* event = nullptr; // number of the step
    FactHashPort() = default;
    FactHashPort(const FactHashPort&) {}
    FactHashPort& operator=(const FactHashPort&) {
        hash = nullptr;
        event = nullptr;
        return *this;
    }
};

} // namespace kafka
