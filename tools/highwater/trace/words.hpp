#pragma once
// How traces spell the enums of groups and transactions.

#include "models/vocabulary/facts.hpp"

namespace highwater {

const char* word(kafka::GroupState state);
const char* word(kafka::TransactionState state);
const char* word(kafka::LeaveCause cause);
const char* word(kafka::CommitCause cause);
const char* word(kafka::ProcessingOutcome outcome);

} // namespace highwater
