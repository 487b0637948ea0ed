#pragma once
// Golden traces: the story of a scenario as it was when somebody last looked at it.

#include "models/scenario/source.hpp"
#include "tools/highwater/suite/result.hpp"
#include "tools/highwater/trace/trace.hpp"

namespace highwater {

/// The trace of a run as it is kept beside its scenario. Up to 2,000 lines are kept whole. Of a larger trace
/// the story is kept, the facts that do not come with every batch, and a last line with the fingerprint over
/// all facts and the final world, the number of events and the ledger.
std::string golden_text(const Trace& trace, const kafka::Configuration& configuration,
                        const kafka::Json& verdict);

/// NAME.trace beside NAME.json.
std::string golden_file(const std::string& scenario_file);

/// Compares a golden trace with the one of now; tells the first line that differs.
Check compare_golden(const std::string& file, const std::string& golden, const std::string& now);

} // namespace highwater
