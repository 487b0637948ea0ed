#include "models/check/guarantees.hpp"

#include "models/check/member_guarantees.hpp"
#include "models/check/transaction_guarantees.hpp"

#include <algorithm>

namespace kafka {

namespace {

void worsen(Guarantee& guarantee, GuaranteeState state, const std::string& because) {
    if (guarantee.state == GuaranteeState::violated) return;
    if (guarantee.state == state && !guarantee.because.empty()) return;
    guarantee.state = state;
    guarantee.because = because;
}

/// Source: the chapter's "committed messages survive"; B4.
Guarantee acknowledged_records_survive(const Ledger& ledger, const Configuration& configuration) {
    Guarantee guarantee{"acknowledged_records_survive", GuaranteeState::held, ""};
    for (const Loss& loss : ledger.losses) {
        const std::string reason = allowed_loss(loss, ledger, configuration);
        if (reason.empty())
            worsen(guarantee, GuaranteeState::violated,
                   "records acknowledged under " + evidence_text(loss.evidence, configuration) +
                       " were lost");
        else
            worsen(guarantee, GuaranteeState::allowed, reason);
    }
    return guarantee;
}

bool is_idempotent(const ProducerConfiguration& producer) {
    return producer.settings.enable_idempotence && producer.dialect.producers_carry_state;
}

bool handed_over_again(const Ledger& ledger, ProducerIndex producer) {
    const ApplicationSummary& one = ledger.applications.producers[static_cast<std::size_t>(producer.value)];
    return one.resent_after_restart > 0 || one.reactions[static_cast<std::size_t>(ErrorReaction::retry)] > 0;
}

Guarantee order_within_partition(const Ledger& ledger, const Configuration& configuration) {
    Guarantee guarantee{"order_within_partition", GuaranteeState::held, ""};
    for (std::size_t i = 0; i < ledger.streams.size(); ++i) {
        if (ledger.streams[i].reordered == 0) continue;
        const ProducerConfiguration& producer = configuration.producer(configuration.streams[i].producer);
        const ProducerSummary& summary =
            ledger.producers[static_cast<std::size_t>(configuration.streams[i].producer.value)];
        if (is_idempotent(producer) && handed_over_again(ledger, configuration.streams[i].producer))
            worsen(guarantee, GuaranteeState::allowed, "the application handed records over again");
        else if (is_idempotent(producer) && summary.epoch_bumps == 0)
            worsen(guarantee, GuaranteeState::violated, "an idempotent producer's records are out of order");
        else if (is_idempotent(producer))
            worsen(guarantee, GuaranteeState::allowed, "the producer's epoch was bumped");
        else
            worsen(guarantee, GuaranteeState::allowed,
                   "enable.idempotence=false with retries and several requests in flight");
    }
    return guarantee;
}

Guarantee no_duplicates(const Ledger& ledger, const Configuration& configuration) {
    Guarantee guarantee{"no_duplicates", GuaranteeState::held, ""};
    for (std::size_t i = 0; i < ledger.streams.size(); ++i) {
        if (ledger.streams[i].duplicated == 0) continue;
        const ProducerConfiguration& producer = configuration.producer(configuration.streams[i].producer);
        const ProducerSummary& summary =
            ledger.producers[static_cast<std::size_t>(configuration.streams[i].producer.value)];
        const auto at = static_cast<std::size_t>(configuration.streams[i].producer.value);
        if (ledger.applications.producers[at].duplicates_by_producer == 0)
            worsen(guarantee, GuaranteeState::allowed,
                   "the application handed records over again: to the producer they are new ones");
        else if (!is_idempotent(producer))
            worsen(guarantee, GuaranteeState::allowed, "retries with enable.idempotence=false");
        else if (summary.epoch_bumps > 0)
            worsen(guarantee, GuaranteeState::allowed,
                   "the producer's epoch was bumped: idempotence covers one epoch");
        else
            worsen(guarantee, GuaranteeState::violated, "an idempotent producer's records stand twice");
    }
    return guarantee;
}

/// The setting of an application, or of its consumer, that lets a group pass a record over; empty = none
/// does.
std::string allowed_consumer_loss(const ConsumerLoss& loss, const Ledger& ledger,
                                  const Configuration& configuration) {
    const PartitionSummary& partition = ledger.partitions[static_cast<std::size_t>(loss.partition.value)];
    for (const ConsumerConfiguration& consumer : configuration.consumers) {
        if (consumer.group != loss.group) continue;
        const ConsumerApplication& application = consumer.application;
        if (loss.polled && application.commit == CommitStyle::before_processing)
            return "application.commit=before-processing";
        const bool ahead = application.commit == CommitStyle::after_processing &&
                           application.commit_each_record &&
                           application.offsets == CommittedOffsets::position;
        if (loss.polled && ahead)
            return "application.commit_offsets=position commits what was polled and is not processed";
        const FailurePolicy& policy = application.on_failure;
        const bool held = policy.reaction == FailureReaction::pause_and_retry &&
                          (application.offsets == CommittedOffsets::position ||
                           application.commit == CommitStyle::automatic);
        if (loss.forward_failed && application.output.wait == ResultWait::never)
            return "application.output.wait=never: nobody looks whether a copy for another topic arrived";
        if (loss.forward_failed && application.output.on_failure == ResultFailure::log)
            return "application.output.on_error=log goes on without the copy that another topic should take";
        if (loss.polled && held)
            return "application.on_failure=pause_and_retry, and the commit goes past what waits for its "
                   "retry";
        if (!loss.polled && consumer.settings.auto_offset_reset == AutoOffsetReset::latest)
            return "auto.offset.reset=latest: the group had no committed offset and began at the end";
    }
    if (partition.unclean_elections > 0) return "a leader was elected uncleanly";
    return ledger.lossy_failures > 0 ? "replicas lost unflushed data" : "";
}

Guarantee records_reach_the_application(const Ledger& ledger, const Configuration& configuration) {
    Guarantee guarantee{"consumed_at_least_once", GuaranteeState::held, ""};
    for (const FailureSummary& failures : ledger.consumption.failures.groups)
        if (failures.skipped > 0)
            worsen(guarantee, GuaranteeState::allowed,
                   "the application gave up records that failed (on_failure or then: skip)");
    for (const ConsumerLoss& loss : ledger.consumption.losses) {
        const std::string reason = allowed_consumer_loss(loss, ledger, configuration);
        if (reason.empty())
            worsen(guarantee, GuaranteeState::violated,
                   "a group passed over records that it never processed");
        else
            worsen(guarantee, GuaranteeState::allowed, reason);
    }
    return guarantee;
}

Guarantee effects_happen_once(const Ledger& ledger, const Configuration& configuration) {
    Guarantee guarantee{"consumed_at_most_once", GuaranteeState::held, ""};
    for (std::size_t g = 0; g < configuration.groups.size(); ++g) {
        const GroupSummary& summary = ledger.consumption.groups[g];
        if (summary.repeats == 0) continue;
        bool idempotent = true;
        bool in_transactions = true;
        for (const ConsumerConfiguration& consumer : configuration.consumers)
            if (consumer.group.value == static_cast<std::int32_t>(g))
                in_transactions = in_transactions && consumer.application.output.transactional;
        for (const ConsumerConfiguration& consumer : configuration.consumers)
            if (consumer.group.value == static_cast<std::int32_t>(g))
                idempotent = idempotent && consumer.application.idempotent_sink;
        const auto by_bug = summary.repeated[static_cast<std::size_t>(RepeatCause::off_by_one)];
        if (idempotent)
            guarantee.because = "records came twice; the sink is idempotent (application.sink)";
        else if (in_transactions)
            guarantee.because =
                "records were processed again; what counts are their results, in transactions";
        else if (by_bug == summary.repeats)
            worsen(guarantee, GuaranteeState::allowed, "application.commit_offsets=last-processed");
        else
            worsen(
                guarantee, GuaranteeState::allowed,
                "results and offsets are written apart: what is processed and not yet committed comes again");
    }
    return guarantee;
}

Guarantee of_readers(const char* what, std::int64_t broken, bool excused, const std::string& reason,
                     const Configuration& configuration) {
    Guarantee guarantee{what, GuaranteeState::held, ""};
    if (configuration.consumers.empty())
        guarantee.state = GuaranteeState::not_applicable;
    else if (broken > 0)
        worsen(guarantee, excused ? GuaranteeState::allowed : GuaranteeState::violated, reason);
    return guarantee;
}

/// Source: reference/anomalies.md B1 (compaction-wrong-latest).
Guarantee compaction_keeps_the_latest_value(const Ledger& ledger, const Configuration& configuration) {
    Guarantee guarantee{"compaction_keeps_the_latest_value", GuaranteeState::held, ""};
    std::int64_t wrong = 0;
    for (const CompactionSummary& one : ledger.compaction.partitions)
        wrong += one.stale + one.missing + one.resurrected;
    if (wrong == 0) return guarantee;
    // Whatever lost the last record of a key excuses it, or does not.
    worsen(guarantee, GuaranteeState::allowed,
           "the last record of a key was lost: see acknowledged_records_survive");
    for (const Loss& loss : ledger.losses)
        if (ledger.compaction.wrongly_cleaned && allowed_loss(loss, ledger, configuration).empty())
            worsen(guarantee, GuaranteeState::violated,
                   "a cleaner removed the last acknowledged record of a key");
    return guarantee;
}

/// A reader that is slower than delete.retention.ms never hears of a deletion. Kafka's documentation says so
/// (delete.retention.ms: "a bound on the time in which a consumer must complete a read").
Guarantee readers_hear_of_deletions(const Ledger& ledger, const Configuration& configuration) {
    std::int64_t kept = 0;
    for (const TableSummary& one : ledger.compaction.tables)
        kept += one.deleted_kept;
    return of_readers("readers_hear_of_deletions", kept, true,
                      "a reader took longer than delete.retention.ms: tombstones were gone before it came",
                      configuration);
}

/// A rule of an old release under which replicas part for good; empty = nobody has one that could have
/// done it.
std::string parting_rule(const Configuration& configuration, bool unclean, bool lossy,
                         const Invariants& invariants) {
    if (lossy && !configuration.controllers.empty() &&
        !configuration.controller_dialect.quorum.fences_one_by_one)
        return "release " + std::string(name(configuration.release)) +
               " fences several brokers on one state (KAFKA-13173)";
    for (const BrokerConfiguration& broker : configuration.brokers) {
        const std::string release = "release " + std::string(name(broker.release));
        if (broker.dialect.truncation == TruncationRule::to_high_watermark)
            return release + " truncates to the high watermark (KIP-101)";
        if (forgets_epochs(broker.dialect))
            return release + " notes a leader's epoch with its first record only (KAFKA-7415)";
        if (broker.dialect.truncation == TruncationRule::by_epoch_end && unclean)
            return release + " does not say of which epoch it told the end (KIP-279)";
        if (!broker.dialect.fetch_is_fenced_by_epoch && invariants.stale_fetches() > 0)
            return release + " serves followers of an older leader epoch (KIP-320)";
    }
    return "";
}

} // namespace

std::vector<Guarantee> judge(const Ledger& ledger, const Readings& readings, const Invariants& invariants,
                             const Configuration& configuration) {
    std::vector<Guarantee> all;
    all.push_back(acknowledged_records_survive(ledger, configuration));
    all.push_back(order_within_partition(ledger, configuration));
    all.push_back(no_duplicates(ledger, configuration));
    const bool unclean =
        std::any_of(ledger.partitions.begin(), ledger.partitions.end(),
                    [](const PartitionSummary& partition) { return partition.unclean_elections > 0; });
    const bool lossy = ledger.lossy_failures > 0;
    const std::string old_rule = parting_rule(configuration, unclean, lossy, invariants);
    // Below 3.7 the high watermark moves although the ISR is the leader alone: what is read then may die with
    // it.
    const bool lone =
        std::any_of(configuration.topics.begin(), configuration.topics.end(),
                    [](const TopicConfiguration& topic) { return topic.settings.min_insync_replicas == 1; });
    const std::string why = unclean ? "a leader was elected uncleanly"
                            : lossy ? "replicas lost unflushed data"
                                    : "the release's rules";
    const bool excused = unclean || lossy || !old_rule.empty() || lone;
    all.push_back(of_readers("only_committed_records_are_read", readings.dirty_reads, false,
                             "records above the high watermark were read", configuration));
    all.push_back(of_readers("readers_agree", readings.inconsistent_offsets, excused, why, configuration));
    all.push_back(of_readers("read_records_survive", readings.vanished, excused, why, configuration));
    if (!configuration.groups.empty()) {
        all.push_back(records_reach_the_application(ledger, configuration));
        all.push_back(effects_happen_once(ledger, configuration));
        for (Guarantee& one : judge_members(ledger, unclean || lossy, configuration))
            all.push_back(std::move(one));
    }
    all.push_back(of_readers("no_phantom_records", readings.phantoms, false,
                             "records that nobody sent were read", configuration));
    Guarantee offsets{"acknowledged_offsets_are_unique", GuaranteeState::held, ""};
    const bool weak = std::any_of(
        configuration.producers.begin(), configuration.producers.end(),
        [](const ProducerConfiguration& producer) { return producer.settings.acks != Acks::all; });
    if (readings.offset_reuse > 0)
        worsen(offsets, weak || excused ? GuaranteeState::allowed : GuaranteeState::violated,
               weak ? "acks below all" : why);
    all.push_back(offsets);
    const bool writes = std::any_of(ledger.copies.groups.begin(), ledger.copies.groups.end(),
                                    [](const CopySummary& one) { return one.any; });
    if (writes) all.push_back(judge_copies(ledger, configuration));
    for (const Guarantee& one : judge_transactions(ledger, configuration))
        all.push_back(one);
    if (configuration.compacts) {
        all.push_back(compaction_keeps_the_latest_value(ledger, configuration));
        all.push_back(readers_hear_of_deletions(ledger, configuration));
    }
    Guarantee protocol{"replication_protocol", GuaranteeState::held, ""};
    for (const auto& [name, count] : invariants.counts()) {
        if (count == 0) continue;
        if (name == "proposed_members_are_waited_for")
            worsen(protocol, GuaranteeState::allowed,
                   "a leader forgot a proposed in-sync replica (Partition.makeLeader, KAFKA-13790)");
        else if (old_rule.empty())
            worsen(protocol, GuaranteeState::violated, name);
        else
            worsen(protocol, GuaranteeState::allowed, name + std::string(": ") + old_rule);
    }
    all.push_back(protocol);
    return all;
}

} // namespace kafka
