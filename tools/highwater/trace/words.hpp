#pragma once
// Words of the trace for enumerations: the writer and the reader share them.

#include "models/vocabulary/facts.hpp"

#include <array>

namespace highwater::words {

inline constexpr std::array removal_causes{"truncation_on_becoming_follower",
                                           "truncation_on_divergence",
                                           "truncation_out_of_range",
                                           "power_loss",
                                           "disk_wiped",
                                           "replica_removed",
                                           "topic_deleted",
                                           "corruption",
                                           "compaction"};
inline constexpr std::array change_causes{"created",
                                          "isr_shrink",
                                          "isr_expand",
                                          "broker_fenced",
                                          "broker_unfenced",
                                          "controlled_shutdown",
                                          "unclean_shutdown",
                                          "log_directory_offline",
                                          "elected_preferred",
                                          "elected_unclean",
                                          "elected_by_request",
                                          "reassignment_began",
                                          "reassignment_completed",
                                          "reassignment_cancelled",
                                          "topic_deleted",
                                          "broker_unregistered"};
inline constexpr std::array position_causes{
    "start",           "reset_earliest", "reset_latest", "truncation_detected",
    "no_reset_policy", "committed",      "stored"};
inline constexpr std::array broker_events{"registered",
                                          "unfenced",
                                          "fenced",
                                          "in_controlled_shutdown",
                                          "started",
                                          "stopped",
                                          "crashed",
                                          "paused",
                                          "resumed",
                                          "power_lost",
                                          "disk_wiped",
                                          "shutdown_granted",
                                          "registration_refused",
                                          "directory_failed",
                                          "unregistered"};
inline constexpr std::array operation_steps{"began", "stopping", "starting",  "back",
                                            "over",  "gave_up",  "cancelled", "refused"};

inline constexpr std::array directory_failures{"full", "failed"};
inline constexpr std::array log_start_causes{"retention", "delete_records", "leader", "restart"};
inline constexpr std::array compaction_causes{"superseded", "tombstone", "aborted", "no_key"};
inline constexpr std::array quorum_roles{"unattached", "prospective", "candidate",
                                         "follower",   "leader",      "resigned"};
inline constexpr std::array error_reactions{"log", "drop", "alert", "dead_letter", "halt", "retry", "unseen"};
inline constexpr std::array producer_ends{"closed", "closed_by_force", "exited", "crashed"};

inline constexpr std::array group_states{"Empty", "PreparingRebalance", "CompletingRebalance", "Stable",
                                         "Dead",  "Assigning",          "Reconciling"};
inline constexpr std::array transaction_states{"Empty",        "Ongoing",          "PrepareCommit",
                                               "PrepareAbort", "CompleteCommit",   "CompleteAbort",
                                               "Dead",         "PrepareEpochFence"};
inline constexpr std::array leave_causes{"left", "session_expired", "rebalance_timed_out",
                                         "replaced_by_instance", "fenced"};
inline constexpr std::array forget_causes{"retention", "topic_deleted"};
inline constexpr std::array commit_causes{"synchronous", "asynchronous", "automatic", "on_revoke",
                                          "on_close"};
inline constexpr std::array processing_outcomes{"done", "failed", "dead_letter", "retry_topic", "skipped"};

} // namespace highwater::words

namespace highwater {

const char* word(kafka::GroupState state);
const char* word(kafka::TransactionState state);
const char* word(kafka::LeaveCause cause);
const char* word(kafka::ForgetCause cause);
const char* word(kafka::CommitCause cause);
const char* word(kafka::ProcessingOutcome outcome);

} // namespace highwater
