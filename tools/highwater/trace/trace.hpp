#pragma once
// The trace: every fact of a run as one line of JSON.

#include "models/cluster/observer.hpp"

#include <span>
#include <string>
#include <vector>

namespace highwater {

/// One fact with its place in the run.
struct TraceEntry {
    sim::SimTime time;
    std::uint64_t event = 0;
    kafka::Fact fact;
};

/// One JSON object a line, stable keys, in order.
std::string render(std::span<const TraceEntry> entries, const kafka::Configuration& configuration);

/// Keeps facts packed while the run goes on, writes them at the end.
class Trace : public kafka::Observer {
  public:
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    using Entry = TraceEntry;
    /// One JSON object a line, stable keys, in order.
    std::string render(const kafka::Configuration& configuration) const;

    std::span<const TraceEntry> entries() const { return entries_; }

  private:
    std::vector<TraceEntry> entries_;
};

} // namespace highwater
