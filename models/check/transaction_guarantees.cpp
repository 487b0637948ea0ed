#include "models/check/transaction_guarantees.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// What lets committed records vanish, and so parts of transactions. Empty = nothing does.
std::string excuse(const Ledger& ledger) {
    const bool unclean =
        std::any_of(ledger.partitions.begin(), ledger.partitions.end(),
                    [](const PartitionSummary& partition) { return partition.unclean_elections > 0; });
    if (unclean) return "a leader was elected uncleanly";
    return ledger.lossy_failures > 0 ? "replicas lost unflushed data" : "";
}

Guarantee broken(const char* name, const std::string& what, const std::string& excused) {
    if (excused.empty()) return {name, GuaranteeState::violated, what};
    return {name, GuaranteeState::allowed, excused};
}

Guarantee transactions_are_whole(const Ledger& ledger) {
    const TransactionTotals& totals = ledger.transactions.totals;
    const char* const name = "transactions_are_whole";
    if (totals.torn > 0) return broken(name, "readers see a part of a transaction", excuse(ledger));
    if (totals.missing > 0)
        return broken(name, "records of a committed transaction are not visible", excuse(ledger));
    return {name, GuaranteeState::held, ""};
}

/// G1a, by isolation level: read_uncommitted asks for it.
Guarantee aborted_records_are_not_read(const Ledger& ledger, const Configuration& configuration) {
    const char* const name = "aborted_records_are_not_read";
    if (configuration.consumers.empty()) return {name, GuaranteeState::not_applicable, ""};
    if (ledger.transactions.totals.aborted_visible > 0)
        return broken(name, "records of an aborted transaction are visible", excuse(ledger));
    Guarantee guarantee{name, GuaranteeState::held, ""};
    for (std::size_t i = 0; i < ledger.consumers.size(); ++i) {
        const ConsumerSummary& summary = ledger.consumers[i];
        if (summary.aborted_read + summary.undecided_read == 0) continue;
        if (isolation_of(configuration.consumers[i]) == IsolationLevel::read_committed)
            return broken(name,
                          summary.aborted_read > 0
                              ? "a read_committed reader was given records of an aborted transaction"
                              : "a read_committed reader was given records above the last stable offset",
                          excuse(ledger));
        guarantee = {name, GuaranteeState::allowed, "isolation.level=read_uncommitted"};
    }
    return guarantee;
}

/// KIP-890: a late batch that arrives behind its transaction's marker opens one that nobody ends, and holds
/// all read_committed readers of the partition.
Guarantee transactions_end(const Ledger& ledger, const Configuration& configuration) {
    const char* const name = "transactions_end";
    if (ledger.transactions.totals.hanging == 0) return {name, GuaranteeState::held, ""};
    const bool unverified = std::any_of(configuration.brokers.begin(), configuration.brokers.end(),
                                        [](const BrokerConfiguration& broker) {
                                            return !broker.dialect.transaction.verifies_partitions ||
                                                   !broker.settings.transaction.partition_verification;
                                        });
    return broken(name, "a transaction is open in a partition and no coordinator knows of it",
                  unverified ? "leaders do not verify transactions: before 3.6, or "
                               "transaction.partition.verification.enable=false (KIP-890)"
                             : excuse(ledger));
}

/// Why results of a group may come twice; empty = nothing permits it.
std::string allowed_copies(const Configuration& configuration, GroupIndex group) {
    for (const ConsumerConfiguration& consumer : configuration.consumers) {
        if (consumer.group != group) continue;
        const ConsumerOutput& output = consumer.application.output;
        if (output.topic.value < 0) continue;
        if (!output.transactional) return "results and offsets are written apart";
        if (!output.offsets_in_transaction) return "output.offsets=apart: the transaction is without offsets";
        if (!output.group_metadata)
            return "output.group_metadata=false: nobody fences a member that is no longer one (KIP-447)";
        if (!consumer.dialect.transaction.group_metadata)
            return "the client is older than KIP-447: nobody fences a member that is no longer one";
        if (consumer.application.offsets == CommittedOffsets::last_processed)
            return "application.commit_offsets=last-processed";
        const bool listens = consumer.application.on_revoke == RevokeStyle::commit;
        const bool each_batch =
            consumer.application.commit_each_record || consumer.application.commit_every == 1;
        if (!listens && !each_batch)
            return "application.on_revoke=nothing with a transaction over several batches: it stays open "
                   "across a rebalance";
        if (!listens && consumer.settings.member.protocol == GroupProtocol::consumer)
            return "application.on_revoke=nothing under group.protocol=consumer: partitions move in the "
                   "middle of a batch, and groupMetadata() is of the new epoch by then";
    }
    return "";
}

/// Why a result may be missing.
std::string allowed_gaps(const Configuration& configuration, GroupIndex group) {
    for (const ConsumerConfiguration& consumer : configuration.consumers) {
        if (consumer.group != group || consumer.application.output.topic.value < 0) continue;
        const ConsumerOutput& output = consumer.application.output;
        const ProducerConfiguration& producer = configuration.producer(output.producer);
        if (consumer.application.commit == CommitStyle::before_processing)
            return "application.commit=before-processing";
        if (!output.transactional && consumer.application.commit != CommitStyle::after_processing)
            return "offsets are committed by themselves, whatever became of the results";
        if (!output.transactional && output.wait == ResultWait::never)
            return "output.wait=never: nobody looks what became of a result";
        if (!output.transactional && output.on_failure == ResultFailure::log)
            return "output.on_error=log: a failed result is written down, and its offset committed";
        if (producer.settings.acks != Acks::all) return "acks below all on the results";
        if (consumer.settings.auto_offset_reset == AutoOffsetReset::latest)
            return "auto.offset.reset=latest: the group began at the end";
    }
    return "";
}

/// The sum of consume, transform, produce: a read_committed reader of the results finds each input once.
Guarantee each_input_has_one_result(const Ledger& ledger, const Configuration& configuration) {
    const char* const name = "each_input_has_one_result";
    Guarantee guarantee{name, GuaranteeState::not_applicable, ""};
    for (std::size_t g = 0; g < ledger.copies.groups.size(); ++g) {
        const CopySummary& copies = ledger.copies.groups[g];
        const GroupIndex group{static_cast<std::int32_t>(g)};
        if (!copies.any) continue;
        if (guarantee.state == GuaranteeState::not_applicable) guarantee.state = GuaranteeState::held;
        const std::string lost = excuse(ledger);
        Guarantee found{name, GuaranteeState::held, ""};
        if (copies.missing > 0) {
            const std::string gaps = allowed_gaps(configuration, group);
            found = broken(name, "input records have no result", gaps.empty() ? lost : gaps);
        }
        if (copies.duplicated > 0 && found.state != GuaranteeState::violated) {
            const std::string twice = allowed_copies(configuration, group);
            found = broken(name, "input records have several results", twice.empty() ? lost : twice);
        }
        if (found.state != GuaranteeState::held && guarantee.state != GuaranteeState::violated)
            guarantee = found;
    }
    return guarantee;
}

} // namespace

Guarantee judge_copies(const Ledger& ledger, const Configuration& configuration) {
    return each_input_has_one_result(ledger, configuration);
}

std::vector<Guarantee> judge_transactions(const Ledger& ledger, const Configuration& configuration) {
    if (configuration.transactional_ids.empty()) return {};
    return {transactions_are_whole(ledger), aborted_records_are_not_read(ledger, configuration),
            transactions_end(ledger, configuration)};
}

} // namespace kafka
