#pragma once
// Of a group: lag over time, end-to-end reconciliation, anomalies of its members.

#include "tools/highwater/verdict/outcome.hpp"

namespace highwater {

/// Adds "end_to_end" and "anomalies", and to "lag" what it was over time.
void add_reconciliation(kafka::Json& consumer, const Outcome& outcome, kafka::GroupIndex group);
std::string reconciliation_text(const kafka::Json& consumer);

} // namespace highwater
