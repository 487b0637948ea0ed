#include "models/check/member_guarantees.hpp"

#include <algorithm>

namespace kafka {

namespace {

Guarantee promise(const char* what, std::int64_t broken, const std::string& allowed_because,
                  const std::string& text) {
    Guarantee guarantee{what, GuaranteeState::held, ""};
    if (broken == 0) return guarantee;
    guarantee.state = allowed_because.empty() ? GuaranteeState::violated : GuaranteeState::allowed;
    guarantee.because = allowed_because.empty() ? std::to_string(broken) + " " + text : allowed_because;
    return guarantee;
}

bool any_member(const Configuration& configuration, bool (*fits)(const ConsumerConfiguration&)) {
    return std::any_of(configuration.consumers.begin(), configuration.consumers.end(),
                       [&](const ConsumerConfiguration& one) { return one.group != no_group && fits(one); });
}

bool holds_failed_records(const ConsumerConfiguration& one) {
    return one.application.on_failure.reaction == FailureReaction::pause_and_retry;
}

/// Partitions may be taken from such a member while its application processes.
bool reconciles_behind_the_application(const ConsumerConfiguration& one) {
    return one.settings.member.protocol == GroupProtocol::consumer;
}

} // namespace

std::vector<Guarantee> judge_members(const Ledger& ledger, bool resets_happen,
                                     const Configuration& configuration) {
    MemberAnomalies sum;
    for (const MemberAnomalies& one : ledger.member_readings.groups) {
        sum.unexpected_offsets += one.unexpected_offsets;
        sum.consumed_unassigned += one.consumed_unassigned;
        sum.revoked_unassigned += one.revoked_unassigned;
        sum.committed_unassigned += one.committed_unassigned;
        sum.committed_past_position += one.committed_past_position;
        sum.auto_commits_ahead += one.auto_commits_ahead;
    }
    const std::string reset = resets_happen ? "committed records were lost: positions are set anew" : "";
    const std::string behind = any_member(configuration, reconciles_behind_the_application)
                                   ? "group.protocol=consumer takes partitions while the application works"
                                   : "";
    const std::string held = any_member(configuration, holds_failed_records)
                                 ? "application.on_failure=pause_and_retry keeps records that were polled"
                                 : behind;
    return {promise("polls_follow_each_other", sum.unexpected_offsets, reset,
                    "batches did not begin where the one before had ended"),
            promise("only_assigned_partitions_are_consumed", sum.consumed_unassigned + sum.revoked_unassigned,
                    "", "records or revocations of partitions that the member did not have"),
            promise("only_assigned_partitions_are_committed", sum.committed_unassigned, behind,
                    "offsets of partitions that the member did not have"),
            promise("commits_name_what_was_read", sum.committed_past_position, reset,
                    "commits went past the position of the consumer"),
            promise("automatic_commits_follow_processing", sum.auto_commits_ahead, held,
                    "records were committed automatically before they were processed")};
}

} // namespace kafka
