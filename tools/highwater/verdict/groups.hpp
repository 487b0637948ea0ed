#pragma once
// What groups did with their records, in the verdict.

#include "tools/highwater/verdict/outcome.hpp"

namespace highwater {

/// "consumers": one for each entry of the scenario; of a group's members the group's numbers.
kafka::Json consumers_of(const Outcome& outcome);
/// "consumer_losses": what groups have committed past and never processed.
kafka::Json consumer_losses_of(const Outcome& outcome);
/// The same as text.
std::string consumers_text(const kafka::Json& verdict);
std::string consumer_losses_text(const kafka::Json& verdict);

} // namespace highwater
