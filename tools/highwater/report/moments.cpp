#include "tools/highwater/report/moments.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/trace/words.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

using namespace kafka;

std::string ids_in_words(const Configuration& configuration, BrokerSet set) {
    std::string text;
    for (const int id : broker_ids(configuration, set))
        text += (text.empty() ? "" : ", ") + std::to_string(id);
    return text.empty() ? "nobody" : text;
}

const char* rule_of(RemovalCause cause) {
    switch (cause) {
    case RemovalCause::truncation_on_becoming_follower:
        return "A follower cuts its log to what its new leader has before it fetches (KIP-101; before it, to "
               "its "
               "high watermark).";
    case RemovalCause::truncation_on_divergence:
        return "The leader's answer names the epoch and offset where the logs part; the follower cuts there "
               "(KIP-595, KIP-320).";
    case RemovalCause::truncation_out_of_range:
        return "The leader's log ends before the follower's: what is beyond goes.";
    case RemovalCause::power_loss:
        return "Kafka does not wait for fsync: what the page cache held is gone with the power "
               "(log.flush.interval.messages).";
    case RemovalCause::disk_wiped:
        return "The disk is empty; only other replicas could bring the record back.";
    case RemovalCause::replica_removed:
        return "A reassignment has taken the replica away; its broker deletes the copy (KIP-455).";
    case RemovalCause::topic_deleted:
        return "The topic was deleted, and every broker deletes its copy.";
    case RemovalCause::corruption:
        return "Recovery after an unclean end reads each batch behind the recovery point again, and cuts the "
               "log at the first one that is not whole.";
    case RemovalCause::compaction:
        return "The log cleaner keeps the last record of each key, as this replica has them.";
    }
    return "";
}

const char* in_words(ChangeCause cause) {
    switch (cause) {
    case ChangeCause::created:
        return "the partition was created";
    case ChangeCause::isr_shrink:
        return "a follower fell behind";
    case ChangeCause::isr_expand:
        return "a follower caught up";
    case ChangeCause::broker_fenced:
        return "a broker was fenced: no heartbeat in broker.session.timeout.ms";
    case ChangeCause::broker_unfenced:
        return "a broker came back";
    case ChangeCause::controlled_shutdown:
        return "a broker shuts down";
    case ChangeCause::unclean_shutdown:
        return "a broker came back from an unclean shutdown";
    case ChangeCause::log_directory_offline:
        return "a log directory went offline";
    case ChangeCause::elected_preferred:
        return "a preferred election";
    case ChangeCause::elected_unclean:
        return "an unclean election";
    case ChangeCause::elected_by_request:
        return "an election that was asked for";
    case ChangeCause::reassignment_began:
        return "a reassignment began";
    case ChangeCause::reassignment_completed:
        return "a reassignment is complete";
    case ChangeCause::reassignment_cancelled:
        return "a reassignment was cancelled";
    case ChangeCause::topic_deleted:
        return "the topic was deleted";
    case ChangeCause::broker_unregistered:
        return "a broker was unregistered";
    }
    return "";
}

} // namespace

std::string copies_text(std::size_t copies) {
    return copies == 0   ? "No replica has it"
           : copies == 1 ? "1 replica has it"
                         : fmt::format("{} replicas have it", copies);
}

Moment Teller::of(const Fact& fact, const Situation& situation) {
    return std::visit([&](const auto& f) { return tell(f, situation); }, fact);
}

Moment Teller::tell(const fact::RecordsSent&, const Situation&) {
    return {"The application hands it to send()", "It waits in a batch of the producer.",
            "linger.ms and batch.size decide when the batch goes."};
}

Moment Teller::tell(const fact::BatchAppended& f, const Situation& now) {
    const int id = broker_id(now.configuration, f.broker);
    if (f.as_leader)
        return {fmt::format("Broker {} appends it", id),
                fmt::format("As leader of epoch {}, at offset {}. {} now.", f.leader_epoch.value, now.offset,
                            now.copies == 1 ? "The only copy" : fmt::format("{} copies", now.copies)),
                "The leader appends to its page cache; followers fetch on their own."};
    return {fmt::format("Broker {} fetches a copy", id), copies_text(now.copies) + " now.",
            "A follower's next fetch tells the leader how far it has come (ReplicaFetcherThread)."};
}

Moment Teller::tell(const fact::ProduceAnswered& f, const Situation& now) {
    if (f.error != ErrorCode::none || answered_) return {};
    answered_ = true;
    const int id = broker_id(now.configuration, f.broker);
    const std::string in_sync = ids_in_words(now.configuration, f.in_sync);
    const char* rule = f.acks == -1 ? "acks=all: answered when every replica in sync has it (DelayedProduce)."
                       : f.acks == 1 ? "acks=1: answered at the leader's append; nobody waits for followers."
                                     : "acks=0: nobody waits for an answer.";
    return {fmt::format("Broker {} acknowledges", id),
            copies_text(now.copies) + "; in sync: " + in_sync + ".", rule};
}

Moment Teller::tell(const fact::RecordsAcknowledged&, const Situation&) {
    if (heard_) return {};
    heard_ = true;
    return {"The application is told: ok", "From here on a loss is a broken promise.", ""};
}

Moment Teller::tell(const fact::RecordsFailed& f, const Situation& now) {
    return {fmt::format("The application is told: {}", exception_name(f.failure)),
            now.appended ? "It is in a log all the same, or was." : "No log has it.", ""};
}

Moment Teller::tell(const fact::HighWatermarkMoved& f, const Situation& now) {
    if (!f.as_leader || passed_ || f.high_watermark.value <= now.offset || !now.is_here) return {};
    passed_ = true;
    return {"The high watermark passes it",
            fmt::format("It stands at {}; consumers may read the record.", f.high_watermark.value),
            "The least log end of the replicas in sync, as the leader knows them."};
}

Moment Teller::tell(const fact::Delivered& f, const Situation& now) {
    if (read_) return {};
    read_ = true;
    return {fmt::format("{} reads it", now.configuration.consumer(f.consumer).name),
            fmt::format("From broker {}.", broker_id(now.configuration, f.from)), ""};
}

Moment Teller::tell(const fact::BrokerChanged& f, const Situation& now) {
    if (!now.appended) return {};
    const int id = broker_id(now.configuration, f.broker);
    const std::string copies = copies_text(now.copies) + ".";
    switch (f.event) {
    case BrokerEvent::crashed:
        return {fmt::format("Broker {} crashes", id), copies, "Its log stays on its disk."};
    case BrokerEvent::power_lost:
        return {fmt::format("Broker {} loses power", id), copies, "What was not flushed is gone."};
    case BrokerEvent::stopped:
        return {fmt::format("Broker {} stops", id), copies, ""};
    case BrokerEvent::paused:
        return {fmt::format("Broker {} stands still", id), copies, ""};
    case BrokerEvent::disk_wiped:
        return {fmt::format("The disk of broker {} is wiped", id), copies, ""};
    case BrokerEvent::directory_failed:
        return {fmt::format("A log directory of broker {} has failed", id), copies,
                "Its replicas leave their ISRs (KIP-858)."};
    case BrokerEvent::started:
        return {fmt::format("Broker {} is back", id), copies, ""};
    case BrokerEvent::registered:
    case BrokerEvent::unfenced:
    case BrokerEvent::fenced:
    case BrokerEvent::in_controlled_shutdown:
    case BrokerEvent::resumed:
    case BrokerEvent::shutdown_granted:
    case BrokerEvent::registration_refused:
    case BrokerEvent::unregistered:
        return {};
    }
    return {};
}

Moment Teller::tell(const fact::PartitionChanged& f, const Situation& now) {
    const std::string isr = ids_in_words(now.configuration, f.isr);
    const std::string why = in_words(f.cause);
    if (f.cause == ChangeCause::isr_shrink || f.cause == ChangeCause::isr_expand)
        return {fmt::format("The ISR is now {}", isr), fmt::format("Because {}.", why),
                "replica.lag.time.max.ms; acks=all waits only for replicas in sync."};
    if (f.leader == no_slot)
        return {"The partition has no leader", fmt::format("Because {}. ISR {}.", why, isr),
                "Nobody in sync is alive, and unclean.leader.election.enable=false."};
    return {fmt::format("The controller decides: broker {} leads, epoch {}",
                        broker_id(now.configuration, f.leader), f.leader_epoch.value),
            fmt::format("Because {}. ISR {}{}.", why, isr, f.unclean ? "; the election is unclean" : ""),
            f.unclean ? "unclean.leader.election.enable=true: a replica that was not in sync may lead."
                      : "The first live replica of the assignment that is in sync (PartitionChangeBuilder)."};
}

Moment Teller::tell(const fact::BecameLeader& f, const Situation& now) {
    const int id = broker_id(now.configuration, f.broker);
    return {fmt::format("Broker {} begins to lead {}", id, now.is_here ? "with the record" : "without it"),
            fmt::format("Its log ends at {}{}.", f.log_end_offset.value,
                        now.is_here ? "" : "; what others have beyond it counts for nothing now"),
            "A leader's log is the truth of its epoch."};
}

Moment Teller::tell(const fact::BatchRemoved& f, const Situation& now) {
    const int id = broker_id(now.configuration, f.broker);
    const bool was_last = now.copies == 0 && now.copies_before > 0;
    return {was_last ? fmt::format("The last copy goes, from broker {}", id)
                     : fmt::format("Broker {} removes it", id),
            was_last ? "Nobody can bring the record back." : copies_text(now.copies) + " still.",
            rule_of(f.cause)};
}

} // namespace highwater
