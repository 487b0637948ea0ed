#pragma once
// The trace: every fact of a run as one line of JSON.

#include "models/cluster/observer.hpp"

#include <string>
#include <vector>

namespace highwater {

/// Keeps facts packed while the run goes on, writes them at the end.
class Trace : public kafka::Observer {
  public:
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    struct Entry {
        sim::SimTime time;
        std::uint64_t event;
        kafka::Fact fact;
    };
    const std::vector<Entry>& entries() const { return entries_; }
    /// One JSON object a line, stable keys, in order.
    std::string render(const kafka::Configuration& configuration) const;
    /// The same of `count` facts from number `first` on.
    std::string render(const kafka::Configuration& configuration, std::size_t first, std::size_t count) const;

  private:
    std::vector<Entry> entries_;
};

} // namespace highwater
