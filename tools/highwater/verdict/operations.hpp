#pragma once
// What became of rolling restarts, reassignments and the other undertakings of an administrator.

#include "tools/highwater/verdict/outcome.hpp"

namespace highwater {

/// Whether a fault deletes a topic: then records may be "deleted".
bool deletes_topics(const kafka::Configuration& configuration);
/// "operations" of the verdict, by the name of the fault.
kafka::Json operations_of(const Outcome& outcome);
/// Replicas of a partition at the end, and those of a reassignment that is not complete.
void add_replicas(kafka::Json& partition, const Outcome& outcome, std::size_t index);
std::string operations_text(const kafka::Json& verdict);
/// "stop broker 1" of a rolling restart, for the list of faults.
std::string step_text(const kafka::Json& fault);

} // namespace highwater
