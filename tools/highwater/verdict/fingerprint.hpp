#pragma once
// The fingerprint of a run: equal fingerprints, equal runs.

#include "models/cluster/observer.hpp"
#include "sim/core/hash.hpp"

#include <string>

namespace highwater {

/// Hash over all facts in order, then over an outline of the final world.
class Fingerprint : public kafka::Observer {
  public:
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    void at_end(const kafka::World& world) override;
    /// 32 hexadecimal digits.
    std::string text() const { return sim::to_hex(hash_.digest()); }

  private:
    sim::Hash hash_;
};

} // namespace highwater
