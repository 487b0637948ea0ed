#pragma once
// What became of transactions, in the verdict.

#include "tools/highwater/verdict/outcome.hpp"

namespace highwater {

/// "transactions" of producer `i`: how they ended, as its application was told.
kafka::Json transactions_of(const Outcome& outcome, std::size_t i);
/// "transactions": what readers see of all of them.
kafka::Json transaction_totals_of(const Outcome& outcome);
/// The same as text; empty without transactions.
std::string transactions_text(const kafka::Json& verdict);

} // namespace highwater
