#include "models/check/allowed.hpp"

namespace kafka {

std::string_view name(GuaranteeState state) {
    switch (state) {
    case GuaranteeState::held:
        return "held";
    case GuaranteeState::allowed:
        return "allowed";
    case GuaranteeState::violated:
        return "violated";
    case GuaranteeState::not_applicable:
        return "not_applicable";
    }
    return "";
}

std::string allowed_loss(const Loss& loss, const Ledger& ledger, const Configuration& configuration) {
    if (loss.evidence.acks == Acks::none) return "acks=0";
    if (loss.evidence.acks == Acks::leader) return "acks=1";
    const PartitionSummary& partition = ledger.partitions[static_cast<std::size_t>(loss.partition.value)];
    if (partition.unclean_elections > 0) {
        const bool enabled = configuration.topic_of(loss.partition).settings.unclean_leader_election_enable;
        return enabled ? "unclean.leader.election.enable=true"
                       : "a leader was elected uncleanly: on request, or as the last one known";
    }
    const int held_by = loss.evidence.in_sync.size();
    if (held_by == 1 && loss.evidence.min_isr == 1)
        return "acks=all with min.insync.replicas=1: the in-sync replicas were the leader alone";
    const int guaranteed = std::max(1, loss.evidence.min_isr);
    if (ledger.lossy_failures >= guaranteed)
        return std::to_string(ledger.lossy_failures) +
               " replicas lost their unflushed data and min.insync.replicas=" + std::to_string(guaranteed);
    if (ledger.lossy_failures > 0 && !configuration.controller_dialect.eligible_leader_replicas)
        return "release " + std::string(name(configuration.release)) +
               " has no eligible leader replicas: the last replica standing had lost data";
    for (const BrokerConfiguration& broker : configuration.brokers)
        if (loss.removed && loss.cause == RemovalCause::compaction &&
            !broker.dialect.cleaner.stops_at_last_stable_offset)
            return "release " + std::string(name(broker.release)) +
                   " compacts beyond the high watermark (KAFKA-13194)";
    if (configuration.broker(loss.evidence.broker).dialect.truncation == TruncationRule::to_high_watermark)
        return "release " + std::string(name(configuration.broker(loss.evidence.broker).release)) +
               " truncates to the high watermark (KIP-101)";
    const bool cut = loss.removed && loss.cause == RemovalCause::truncation_on_becoming_follower;
    if (cut && forgets_epochs(configuration.broker(loss.evidence.broker).dialect))
        return "release " + std::string(name(configuration.broker(loss.evidence.broker).release)) +
               " notes a leader's epoch with its first record only (KAFKA-7415)";
    return "";
}

} // namespace kafka
