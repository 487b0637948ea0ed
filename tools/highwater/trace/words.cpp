#include "tools/highwater/trace/words.hpp"

#include <cstddef>

namespace highwater {

const char* word(kafka::GroupState state) { return words::group_states[static_cast<std::size_t>(state)]; }
const char* word(kafka::TransactionState state) {
    return words::transaction_states[static_cast<std::size_t>(state)];
}
const char* word(kafka::LeaveCause cause) { return words::leave_causes[static_cast<std::size_t>(cause)]; }
const char* word(kafka::ForgetCause cause) { return words::forget_causes[static_cast<std::size_t>(cause)]; }
const char* word(kafka::CommitCause cause) { return words::commit_causes[static_cast<std::size_t>(cause)]; }
const char* word(kafka::ProcessingOutcome outcome) {
    return words::processing_outcomes[static_cast<std::size_t>(outcome)];
}

} // namespace highwater
