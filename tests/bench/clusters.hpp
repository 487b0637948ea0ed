#pragma once
// The clusters that are measured, each as a scenario of a few lines.

#include "models/scenario/scenario.hpp"

#include <string>

namespace bench {

/// Reads a scenario from its text; ends the program when it is wrong.
kafka::Scenario scenario_of(const std::string& text);
/// Reads a shipped scenario, by its path below scenarios/.
kafka::Scenario shipped_scenario(const std::string& path);

/// Three brokers, three topics of one partition each with three replicas, and a producer for each under
/// acks=all: about `batches` batches in all, 500 a second and topic, of `records` records of `size` bytes.
kafka::Scenario busy_cluster(std::int64_t batches, std::int64_t records, std::int64_t size);

} // namespace bench
