#include "tools/highwater/trace/words.hpp"

#include <cstddef>

namespace highwater {

const char* word(kafka::GroupState state) {
    constexpr const char* words[] = {"Empty", "PreparingRebalance", "CompletingRebalance", "Stable",
                                     "Dead",  "Assigning",          "Reconciling"};
    return words[static_cast<std::size_t>(state)];
}
const char* word(kafka::TransactionState state) {
    constexpr const char* words[] = {"Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
                                     "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence"};
    return words[static_cast<std::size_t>(state)];
}
const char* word(kafka::LeaveCause cause) {
    constexpr const char* words[] = {"left", "session_expired", "rebalance_timed_out", "replaced_by_instance",
                                     "fenced"};
    return words[static_cast<std::size_t>(cause)];
}
const char* word(kafka::CommitCause cause) {
    constexpr const char* words[] = {"synchronous", "asynchronous", "automatic", "on_revoke", "on_close"};
    return words[static_cast<std::size_t>(cause)];
}
const char* word(kafka::ProcessingOutcome outcome) {
    constexpr const char* words[] = {"done", "failed", "dead_letter", "retry_topic", "skipped"};
    return words[static_cast<std::size_t>(outcome)];
}

} // namespace highwater
