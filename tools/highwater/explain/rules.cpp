#include "tools/highwater/explain/rules.hpp"

#include <fmt/format.h>

namespace highwater {

const char* acks_text(kafka::Acks acks) {
    if (acks == kafka::Acks::none) return "0";
    return acks == kafka::Acks::leader ? "1" : "all";
}

std::string rule_of_send(kafka::SendStyle send) {
    switch (send) {
    case kafka::SendStyle::callback:
        return "KafkaProducer.send with a callback: the code learns the outcome later";
    case kafka::SendStyle::sync:
        return "KafkaProducer.send().get(): the code waits for the outcome";
    case kafka::SendStyle::fire_and_forget:
        return "KafkaProducer.send, and nobody looks at the future";
    }
    return "";
}

std::string rule_of_produce(const kafka::ProducerSettings& settings) {
    switch (settings.acks) {
    case kafka::Acks::none:
        return "acks=0: the producer does not wait for an answer";
    case kafka::Acks::leader:
        return "acks=1: the leader's word is enough";
    case kafka::Acks::all:
        break;
    }
    return "acks=all: the leader waits for all in-sync replicas";
}

std::string rule_of_retry(const kafka::ProducerSettings& settings) {
    return settings.enable_idempotence
               ? "Sender.reenqueueBatch; enable.idempotence=true: sequence numbers make it recognisable"
               : "Sender.reenqueueBatch; enable.idempotence=false: the broker cannot know that it has it";
}

std::string rule_of_acknowledgement(const kafka::ProducerSettings& settings) {
    return settings.acks == kafka::Acks::none
               ? "acks=0: told as soon as the request is on its way; the offset is not known"
               : "ProducerBatch.complete";
}

std::string rule_of_failure(const kafka::ProducerSettings& settings) {
    return fmt::format("retries={}, delivery.timeout.ms={}", settings.retries,
                       settings.delivery_timeout.micros / 1000);
}

std::string rule_of_evidence(kafka::Acks acks, int in_sync, int min_insync_replicas) {
    if (acks != kafka::Acks::all)
        return "acks=1: ReplicaManager.appendRecords answers after the leader's own append";
    if (in_sync == 1)
        return fmt::format("DelayedProduce; min.insync.replicas={}: an ISR of the leader alone is enough",
                           min_insync_replicas);
    return fmt::format("DelayedProduce: the high watermark has passed it; min.insync.replicas={}",
                       min_insync_replicas);
}

std::string rule_of_refusal(kafka::ErrorCode error, int min_insync_replicas) {
    if (error == kafka::ErrorCode::not_enough_replicas)
        return fmt::format("Partition.appendRecordsToLeader: the ISR is below min.insync.replicas={}",
                           min_insync_replicas);
    if (error == kafka::ErrorCode::not_enough_replicas_after_append)
        return fmt::format("Partition.checkEnoughReplicasReachOffset: the ISR fell below "
                           "min.insync.replicas={} after the append",
                           min_insync_replicas);
    if (error == kafka::ErrorCode::not_leader_or_follower)
        return "ReplicaManager.getPartitionOrException: it does not lead, or leads no longer";
    return "";
}

std::string removal_text(kafka::RemovalCause cause, const std::string& broker) {
    switch (cause) {
    case kafka::RemovalCause::truncation_on_becoming_follower:
        return broker + " follows another leader, and cuts its log back to what that leader has: it goes.";
    case kafka::RemovalCause::truncation_on_divergence:
        return broker + " fetches from the leader, whose log differs, and cuts its own back to where they "
                        "part: it goes.";
    case kafka::RemovalCause::truncation_out_of_range:
        return broker + " is ahead of its leader, and cuts its log back to the leader's end: it goes.";
    case kafka::RemovalCause::power_loss:
        return broker +
               " lost its power before it had written it to the disk: it is gone with the page cache.";
    case kafka::RemovalCause::disk_wiped:
        return "The disk of " + broker + " is empty: it is gone.";
    case kafka::RemovalCause::replica_removed:
        return broker + " is no replica any more, and deletes its copy: it goes.";
    case kafka::RemovalCause::topic_deleted:
        return "The topic was deleted: " + broker + " deletes its copy.";
    case kafka::RemovalCause::corruption:
        return broker + " reads its log again after an unclean end, and cuts it at a batch that is not "
                        "whole: it goes.";
    case kafka::RemovalCause::compaction:
        return "The log cleaner of " + broker +
               " keeps the last record of each key, and this one is none in its log: it goes.";
    }
    return "";
}

std::string rule_of_removal(kafka::RemovalCause cause) {
    switch (cause) {
    case kafka::RemovalCause::truncation_on_becoming_follower:
        return "AbstractFetcherThread.truncateToEpochEndOffsets (KIP-101, KIP-279)";
    case kafka::RemovalCause::truncation_on_divergence:
        return "AbstractFetcherThread.truncateOnFetchResponse (KIP-595)";
    case kafka::RemovalCause::truncation_out_of_range:
        return "AbstractFetcherThread.fetchOffsetAndTruncate";
    case kafka::RemovalCause::power_loss:
        return "log.flush.interval.messages: Kafka leaves flushing to the operating system";
    case kafka::RemovalCause::disk_wiped:
        return "the copies of other replicas are all that is left";
    case kafka::RemovalCause::replica_removed:
        return "ReplicaManager.stopPartitions, after AlterPartitionReassignments (KIP-455)";
    case kafka::RemovalCause::topic_deleted:
        return "ReplicationControlManager.deleteTopic, ReplicaManager.stopPartitions";
    case kafka::RemovalCause::corruption:
        return "LogLoader.recoverLog";
    case kafka::RemovalCause::compaction:
        return "Cleaner.shouldRetainRecord (cleanup.policy=compact)";
    }
    return "";
}

std::string rule_of_change(kafka::ChangeCause cause, bool unclean, bool unclean_enabled) {
    if (unclean && cause == kafka::ChangeCause::elected_unclean)
        return "ReplicationControlManager.electLeaders: an unclean election on an operator's request";
    if (unclean)
        return unclean_enabled
                   ? "PartitionChangeBuilder.electAnyLeader: unclean.leader.election.enable=true"
                   : "PartitionChangeBuilder.canElectLastKnownLeader: nobody eligible is left, so the "
                     "last known leader leads again, whatever it has lost (KIP-966)";
    switch (cause) {
    case kafka::ChangeCause::isr_shrink:
        return "Partition.maybeShrinkIsr: replica.lag.time.max.ms; AlterPartition (KIP-497)";
    case kafka::ChangeCause::isr_expand:
        return "Partition.maybeExpandIsr; AlterPartition (KIP-497, KIP-903)";
    case kafka::ChangeCause::broker_fenced:
        return "ReplicationControlManager.handleBrokerFenced: broker.session.timeout.ms without a heartbeat";
    case kafka::ChangeCause::broker_unfenced:
        return "ReplicationControlManager.handleBrokerUnfenced";
    case kafka::ChangeCause::controlled_shutdown:
        return "ReplicationControlManager.handleBrokerInControlledShutdown";
    case kafka::ChangeCause::unclean_shutdown:
        return "ReplicationControlManager.handleBrokerUncleanShutdown: it came back with another broker "
               "epoch (KIP-966)";
    case kafka::ChangeCause::log_directory_offline:
        return "ReplicationControlManager.handleDirectoriesOffline (KIP-858)";
    case kafka::ChangeCause::elected_preferred:
        return "ReplicationControlManager.electLeaders: preferred";
    case kafka::ChangeCause::elected_unclean:
    case kafka::ChangeCause::elected_by_request:
        return "ReplicationControlManager.electLeaders: on request";
    case kafka::ChangeCause::reassignment_began:
        return "ReplicationControlManager.changePartitionReassignment (KIP-455)";
    case kafka::ChangeCause::reassignment_completed:
        return "PartitionReassignmentReplicas.maybeCompleteReassignment: all new replicas are in sync";
    case kafka::ChangeCause::reassignment_cancelled:
        return "ReplicationControlManager.cancelPartitionReassignment (KIP-455)";
    case kafka::ChangeCause::topic_deleted:
        return "ReplicationControlManager.deleteTopic";
    case kafka::ChangeCause::broker_unregistered:
        return "ReplicationControlManager.handleBrokerUnregistered";
    case kafka::ChangeCause::created:
        break;
    }
    return "";
}

std::string rule_of_commit(kafka::CommitCause cause) {
    switch (cause) {
    case kafka::CommitCause::synchronous:
        return "the code's commitSync()";
    case kafka::CommitCause::asynchronous:
        return "the code's commitAsync()";
    case kafka::CommitCause::automatic:
        return "enable.auto.commit=true: what the last poll() handed over, processed or not";
    case kafka::CommitCause::on_revoke:
        return "a commit in onPartitionsRevoked, or of auto-commit before a rebalance";
    case kafka::CommitCause::on_close:
        return "KafkaConsumer.close() with enable.auto.commit=true";
    }
    return "";
}

std::string rule_of_position(kafka::PositionCause cause) {
    switch (cause) {
    case kafka::PositionCause::start:
        return "a reader without a group begins here";
    case kafka::PositionCause::reset_earliest:
        return "auto.offset.reset=earliest";
    case kafka::PositionCause::reset_latest:
        return "auto.offset.reset=latest: there was no committed offset, or it was out of range";
    case kafka::PositionCause::truncation_detected:
        return "SubscriptionState.maybeCompleteValidation: the log was truncated (KIP-320)";
    case kafka::PositionCause::no_reset_policy:
        return "auto.offset.reset=none";
    case kafka::PositionCause::committed:
        return "the group's committed offset";
    case kafka::PositionCause::stored:
        return "seek() to the offset that the application keeps beside its results";
    }
    return "";
}

std::string reaction_text(kafka::ErrorReaction reaction) {
    switch (reaction) {
    case kafka::ErrorReaction::log:
        return "The code writes a line to its log, and goes on.";
    case kafka::ErrorReaction::drop:
        return "The code's handler is empty: nobody will know.";
    case kafka::ErrorReaction::alert:
        return "The code raises an alert, and goes on.";
    case kafka::ErrorReaction::dead_letter:
        return "The code writes it to a dead letter topic.";
    case kafka::ErrorReaction::halt:
        return "The code stops sending.";
    case kafka::ErrorReaction::retry:
        return "The code tries again on its own.";
    case kafka::ErrorReaction::unseen:
        return "Nobody looked at the future: nobody will know.";
    }
    return "";
}

std::string producer_end_text(kafka::ProducerEnd end, std::int64_t unsent, std::int64_t in_flight) {
    const std::string rest =
        fmt::format(" ({} records had not been sent, {} were in requests)", unsent, in_flight);
    switch (end) {
    case kafka::ProducerEnd::closed:
        return "The producer is closed and has waited for everything.";
    case kafka::ProducerEnd::closed_by_force:
        return "close() has run out of time" + rest + ".";
    case kafka::ProducerEnd::exited:
        return "The process ends without close()" + rest + ".";
    case kafka::ProducerEnd::crashed:
        return "The producer's process dies" + rest + ".";
    }
    return "";
}

std::string broker_event_text(kafka::BrokerEvent event, const std::string& broker) {
    switch (event) {
    case kafka::BrokerEvent::crashed:
        return broker + " dies; the operating system still writes its pages to the disk.";
    case kafka::BrokerEvent::power_lost:
        return "The host of " + broker + " loses its power: what was not flushed is gone.";
    case kafka::BrokerEvent::disk_wiped:
        return "The disk of " + broker + " is wiped.";
    case kafka::BrokerEvent::stopped:
        return broker + " shuts down.";
    case kafka::BrokerEvent::paused:
        return broker + " stands still.";
    case kafka::BrokerEvent::resumed:
        return broker + " goes on.";
    case kafka::BrokerEvent::started:
        return broker + " starts.";
    case kafka::BrokerEvent::fenced:
        return "The controller fences " + broker + ".";
    case kafka::BrokerEvent::directory_failed:
        return "The controller hears that a log directory of " + broker + " has failed.";
    case kafka::BrokerEvent::unregistered:
        return "The controller forgets " + broker + ": it was unregistered.";
    case kafka::BrokerEvent::registered:
    case kafka::BrokerEvent::unfenced:
    case kafka::BrokerEvent::in_controlled_shutdown:
    case kafka::BrokerEvent::shutdown_granted:
    case kafka::BrokerEvent::registration_refused:
        break;
    }
    return "";
}

std::string rule_of_broker_event(kafka::BrokerEvent event) {
    return event == kafka::BrokerEvent::fenced ? "BrokerHeartbeatManager: broker.session.timeout.ms" : "";
}

} // namespace highwater
