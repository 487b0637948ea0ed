#include "tools/highwater/explain/biography.hpp"

#include "tools/highwater/explain/rules.hpp"
#include "tools/highwater/names.hpp"

#include <fmt/format.h>

namespace highwater {

Biography::Biography(const kafka::Configuration& configuration, const RecordId& record)
    : configuration_(configuration), record_(record),
      partition_(configuration.stream(record.stream).partition),
      high_watermarks_(configuration.brokers.size(), kafka::Offset{-1}),
      holds_(configuration.brokers.size(), false), committed_past_(configuration.groups.size(), false),
      commit_causes_(configuration.consumers.size(), kafka::CommitCause::synchronous) {}

std::string Biography::broker(kafka::BrokerSlot slot) const {
    return fmt::format("broker {}", broker_id(configuration_, slot));
}

std::string Biography::brokers(kafka::BrokerSet set) const {
    std::string text;
    for (const int id : broker_ids(configuration_, set))
        text += (text.empty() ? "" : ", ") + std::to_string(id);
    return text.empty() ? "nobody" : text;
}

/// The same thing again right after itself is told once, with how often.
void Biography::add(const Moment& now, const char* kind, std::string what, std::string rule,
                    kafka::BrokerSlot broker, kafka::Offset offset) {
    if (!steps_.empty() && steps_.back().kind == kind && steps_.back().what == what) {
        steps_.back().times += 1;
        steps_.back().until = now.time;
        return;
    }
    Step step;
    step.time = step.until = now.time;
    step.event = now.event;
    step.kind = kind;
    step.what = std::move(what);
    step.rule = std::move(rule);
    step.broker = broker_id(configuration_, broker);
    step.offset = offset.value;
    steps_.push_back(std::move(step));
}

void Biography::on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact, const kafka::World&) {
    const Moment now{time, event};
    if (on_producer(now, fact) || on_replica(now, fact) || on_partition(now, fact) || on_reader(now, fact))
        return;
    on_fault(now, fact);
}

bool Biography::on_producer(const Moment& now, const kafka::Fact& fact) {
    const kafka::ProducerIndex own = configuration_.stream(record_.stream).producer;
    const kafka::ProducerConfiguration& producer = configuration_.producer(own);
    if (const auto* sent = std::get_if<kafka::fact::RecordsSent>(&fact)) {
        if (!covers(*sent)) return true;
        sent_ = true;
        add(now, "sent", fmt::format("The application of {} hands it to send().", producer.name),
            rule_of_send(producer.application.send));
        add(now, "state",
            fmt::format("At this time {} leads {} in epoch {}; in-sync replicas: {}.",
                        state_.leader == kafka::no_slot ? "nobody" : broker(state_.leader),
                        configuration_.partition(partition_).name, state_.leader_epoch.value,
                        brokers(state_.isr)),
            "");
    } else if (const auto* produced = std::get_if<kafka::fact::ProduceSent>(&fact)) {
        if (!covers(*produced)) return true;
        batch_first_ = produced->first.value;
        add(now, produced->attempt == 0 ? "produce" : "retry",
            fmt::format("{} {} in a request with acks={}.",
                        produced->attempt == 0 ? "The producer sends it to"
                                               : "The producer sends it again, to",
                        broker(produced->broker), acks_text(producer.settings.acks)),
            produced->attempt == 0 ? rule_of_produce(producer.settings) : rule_of_retry(producer.settings),
            produced->broker);
    } else if (const auto* retried = std::get_if<kafka::fact::ProduceRetried>(&fact)) {
        if (retried->stream == record_.stream && retried->first.value == batch_first_)
            add(now, "retriable_error",
                fmt::format("The request failed with {}; it may be tried again.",
                            exception_name(retried->error)),
                "RetriableException, Sender.canRetry");
    } else if (const auto* acked = std::get_if<kafka::fact::RecordsAcknowledged>(&fact)) {
        if (covers(*acked))
            add(now, "acknowledged", "The application is told that it was written.",
                rule_of_acknowledgement(producer.settings), kafka::no_slot,
                acked->base_offset == kafka::no_offset
                    ? kafka::no_offset
                    : next(acked->base_offset, record_.value - acked->first.value));
    } else if (const auto* failed = std::get_if<kafka::fact::RecordsFailed>(&fact)) {
        if (covers(*failed))
            add(now, "failed", fmt::format("The application is told {}.", exception_name(failed->failure)),
                rule_of_failure(producer.settings));
    } else if (const auto* reacted = std::get_if<kafka::fact::ApplicationReacted>(&fact)) {
        if (covers(*reacted)) add(now, "reaction", reaction_text(reacted->reaction), "application.on_error");
    } else if (const auto* resent = std::get_if<kafka::fact::RecordsResent>(&fact)) {
        if (!covers(*resent)) return true;
        resent_by_application = true;
        add(now, "resent", "The application hands it to send() again: for the producer it is a new record.",
            "no setting of the producer knows it as a repetition; application.on_error, application.restart");
    } else if (const auto* ended = std::get_if<kafka::fact::ProducerEnded>(&fact)) {
        if (sent_ && ended->producer == own)
            add(now, "producer_ended", producer_end_text(ended->end, ended->unsent, ended->in_flight),
                "KafkaProducer.close; application.close");
    } else {
        return false;
    }
    return true;
}

void Biography::on_answered(const Moment& now, const kafka::fact::ProduceAnswered& fact) {
    if (fact.error == kafka::ErrorCode::none && !evidence) evidence = fact;
    const auto acks = static_cast<kafka::Acks>(fact.acks);
    const int least = configuration_.topic_of(partition_).settings.min_insync_replicas;
    if (fact.error != kafka::ErrorCode::none)
        return add(now, "refused",
                   fmt::format("{} answers with {}.", broker(fact.broker), exception_name(fact.error)),
                   rule_of_refusal(fact.error, least), fact.broker);
    add(now, "answered",
        acks == kafka::Acks::all
            ? fmt::format("{} answers that it is written, on the evidence of the in-sync replicas {}.",
                          broker(fact.broker), brokers(fact.in_sync))
            : fmt::format("{} answers that it is written, on its own word alone.", broker(fact.broker)),
        rule_of_evidence(acks, fact.in_sync.size(), least), fact.broker);
}

void Biography::on_removed(const Moment& now, const kafka::fact::BatchRemoved& fact) {
    removal = fact;
    holds_[static_cast<std::size_t>(fact.broker.value)] = false;
    add(now, "removed", removal_text(fact.cause, broker(fact.broker)), rule_of_removal(fact.cause),
        fact.broker, next(fact.base_offset, record_.value - fact.first.value));
}

bool Biography::on_replica(const Moment& now, const kafka::Fact& fact) {
    if (const auto* appended = std::get_if<kafka::fact::BatchAppended>(&fact)) {
        if (!covers(*appended)) return true;
        offset_ = next(appended->base_offset, record_.value - appended->first.value);
        holds_[static_cast<std::size_t>(appended->broker.value)] = true;
        add(now, appended->as_leader ? "appended" : "replicated",
            fmt::format("{} {} at offset {} in epoch {}: in memory, not yet on the disk.",
                        broker(appended->broker),
                        appended->as_leader ? "appends it as leader" : "has fetched it and appends it",
                        offset_.value, appended->leader_epoch.value),
            appended->as_leader ? "UnifiedLog.appendAsLeader; flushed by the operating system"
                                : "ReplicaFetcherThread, UnifiedLog.appendAsFollower",
            appended->broker, offset_);
    } else if (const auto* removed = std::get_if<kafka::fact::BatchRemoved>(&fact)) {
        if (covers(*removed)) on_removed(now, *removed);
    } else if (const auto* cleaned = std::get_if<kafka::fact::RecordsCompacted>(&fact)) {
        if (covers(*cleaned))
            on_removed(now,
                       {cleaned->broker, cleaned->partition, cleaned->base_offset, cleaned->stream,
                        cleaned->first, cleaned->count, kafka::no_epoch, kafka::RemovalCause::compaction});
    } else if (const auto* known = std::get_if<kafka::fact::DuplicateDetected>(&fact)) {
        if (covers(*known))
            add(now, "recognised",
                fmt::format("{} knows it by its sequence number and does not append it again.",
                            broker(known->broker)),
                "ProducerStateManager (KIP-98)", known->broker);
    } else if (const auto* answered = std::get_if<kafka::fact::ProduceAnswered>(&fact)) {
        if (covers(*answered)) on_answered(now, *answered);
    } else if (const auto* moved = std::get_if<kafka::fact::HighWatermarkMoved>(&fact)) {
        if (moved->partition != partition_ || !moved->as_leader || offset_ == kafka::no_offset) return true;
        kafka::Offset& before = high_watermarks_[static_cast<std::size_t>(moved->broker.value)];
        const bool passes = before <= offset_ && moved->high_watermark > offset_;
        committed_ = committed_ || (passes && holds_[static_cast<std::size_t>(moved->broker.value)]);
        if (passes && holds_[static_cast<std::size_t>(moved->broker.value)])
            add(now, "committed",
                fmt::format("The high watermark of {} passes it: readers may see it.", broker(moved->broker)),
                "Partition.maybeIncrementLeaderHW: every in-sync replica has it", moved->broker, offset_);
        before = moved->high_watermark;
    } else {
        return false;
    }
    return true;
}

void Biography::on_changed(const Moment& now, const kafka::fact::PartitionChanged& fact) {
    const kafka::fact::PartitionChanged before = state_;
    state_ = fact;
    if (!sent_) return;
    const std::string partition = configuration_.partition(partition_).name;
    if (fact.unclean) {
        unclean_election = true;
        unclean_by_operator = fact.cause == kafka::ChangeCause::elected_unclean;
        unclean_enabled = configuration_.topic_of(partition_).settings.unclean_leader_election_enable;
    }
    if (fact.leader != before.leader) {
        const std::string who =
            fact.leader == kafka::no_slot ? "nobody leads" : broker(fact.leader) + " leads";
        add(now, "leader_changed",
            fmt::format("The controller decides: {} {} from now on, in epoch {}{}; in-sync replicas: {}.",
                        who, partition, fact.leader_epoch.value,
                        fact.unclean ? ", by an unclean election" : "", brokers(fact.isr)),
            rule_of_change(fact.cause, fact.unclean, unclean_enabled), fact.leader);
    } else if (fact.isr != before.isr) {
        add(now, "isr_changed",
            fmt::format("The in-sync replicas of {} are now {}.", partition, brokers(fact.isr)),
            rule_of_change(fact.cause, false, false), fact.leader);
    }
}

bool Biography::on_partition(const Moment& now, const kafka::Fact& fact) {
    if (const auto* changed = std::get_if<kafka::fact::PartitionChanged>(&fact)) {
        if (changed->partition == partition_) on_changed(now, *changed);
        return true;
    }
    const auto* event = std::get_if<kafka::fact::BrokerChanged>(&fact);
    if (event == nullptr) return false;
    const kafka::PartitionConfiguration& configured = configuration_.partition(partition_);
    const bool replica = (configured.assignment.set() | configured.later_replicas).has(event->broker);
    if (!sent_ || !replica) return true;
    const std::string text = broker_event_text(event->event, broker(event->broker));
    if (event->event == kafka::BrokerEvent::power_lost || event->event == kafka::BrokerEvent::disk_wiped)
        lossy_failures += 1;
    if (!text.empty()) add(now, "broker", text, rule_of_broker_event(event->event), event->broker);
    return true;
}

void Biography::on_committed(const Moment& now, const kafka::fact::OffsetCommitted& fact) {
    const auto group = static_cast<std::size_t>(fact.group.value);
    const bool past = fact.error == kafka::ErrorCode::none && fact.partition == partition_ && committed_ &&
                      fact.offset > offset_;
    if (!past || committed_past_[group]) return;
    committed_past_[group] = true;
    const bool by_member = fact.consumer.value >= 0;
    const kafka::CommitCause cause = by_member ? commit_causes_[static_cast<std::size_t>(fact.consumer.value)]
                                               : kafka::CommitCause::synchronous;
    if (!passed_by) passed_by = cause;
    add(now, "offset_committed",
        fmt::format("Group {} commits offset {}, which is past it{}.", configuration_.groups[group].name,
                    fact.offset.value,
                    by_member ? " (by " + configuration_.consumer(fact.consumer).name + ")" : ""),
        rule_of_commit(cause), fact.broker, fact.offset);
}

bool Biography::on_reader(const Moment& now, const kafka::Fact& fact) {
    const auto reader = [&](kafka::ConsumerIndex index) { return configuration_.consumer(index).name; };
    if (const auto* delivered = std::get_if<kafka::fact::Delivered>(&fact)) {
        if (covers(*delivered))
            add(now, "delivered", fmt::format("poll() hands it to {}.", reader(delivered->consumer)),
                "KafkaConsumer.poll: the position moves past it", delivered->from, offset_);
    } else if (const auto* began = std::get_if<kafka::fact::ProcessingBegan>(&fact)) {
        if (covers(*began))
            add(now, "processing", fmt::format("{} begins to process it.", reader(began->consumer)), "");
    } else if (const auto* ended = std::get_if<kafka::fact::ProcessingEnded>(&fact)) {
        if (covers(*ended))
            add(now, "processed", fmt::format("{} has processed it.", reader(ended->consumer)), "");
    } else if (const auto* sent = std::get_if<kafka::fact::CommitSent>(&fact)) {
        commit_causes_[static_cast<std::size_t>(sent->consumer.value)] = sent->cause;
    } else if (const auto* committed = std::get_if<kafka::fact::OffsetCommitted>(&fact)) {
        on_committed(now, *committed);
    } else if (const auto* forgotten = std::get_if<kafka::fact::OffsetForgotten>(&fact)) {
        if (forgotten->partition == partition_ && sent_)
            add(now, "offset_forgotten",
                fmt::format("What group {} has committed, offset {}, is deleted: {}.",
                            configuration_.group(forgotten->group).name, forgotten->offset.value,
                            forgotten->cause == kafka::ForgetCause::retention
                                ? "offsets.retention.minutes is over"
                                : "the topic was deleted"),
                "KIP-211: without a committed offset auto.offset.reset says where a member goes on",
                forgotten->broker, forgotten->offset);
    } else if (const auto* positioned = std::get_if<kafka::fact::ConsumerPositioned>(&fact)) {
        if (positioned->partition != partition_ || !sent_) return true;
        const bool past = committed_ && positioned->offset > offset_;
        add(now, "positioned",
            fmt::format("{} goes on from offset {}{}.", reader(positioned->consumer),
                        positioned->offset.value, past ? ", which is past it" : ""),
            rule_of_position(positioned->cause), kafka::no_slot, positioned->offset);
    } else if (const auto* revoked = std::get_if<kafka::fact::PartitionRevoked>(&fact)) {
        if (sent_ && revoked->partition == partition_)
            add(now, "revoked",
                fmt::format("{} {} the partition.", reader(revoked->consumer),
                            revoked->lost ? "has lost" : "gives up"),
                revoked->lost ? "onPartitionsLost" : "onPartitionsRevoked");
    } else {
        return false;
    }
    return true;
}

bool Biography::on_fault(const Moment& now, const kafka::Fact& fact) {
    if (const auto* crashed = std::get_if<kafka::fact::ApplicationCrashed>(&fact)) {
        if (!sent_) return true;
        const bool consumer = crashed->consumer.value >= 0;
        add(now, "crash",
            fmt::format("The process of {} dies; what it had in memory is gone.",
                        consumer ? configuration_.consumer(crashed->consumer).name
                                 : configuration_.producer(crashed->producer).name),
            "");
        return true;
    }
    const auto* fault = std::get_if<kafka::fact::FaultHappened>(&fact);
    if (fault == nullptr || !sent_) return false;
    const kafka::Fault& of = configuration_.faults[static_cast<std::size_t>(fault->fault)];
    const std::string whom = process_name(configuration_, fault->broker);
    std::string targets;
    for (const kafka::Target& target : of.targets)
        targets += (targets.empty() ? "" : " - ") + target.text;
    add(now, fault->undone ? "fault_undone" : "fault",
        fmt::format("Fault \"{}\" {}: {} of {}.", of.name, fault->undone ? "is over" : "happens",
                    kafka::word_of(of.kind), whom.empty() ? targets : whom),
        of.name.rfind("weather", 0) == 0 ? "drawn from the scenario's weather" : "the scenario's script");
    return true;
}

} // namespace highwater
