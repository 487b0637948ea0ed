#include "tools/highwater/trace/trace.hpp"

#include "tools/highwater/trace/coordination_pen.hpp"
#include "tools/highwater/trace/words.hpp"

namespace highwater {

namespace {

using namespace kafka;

/// Writes the members of one fact.
struct Writer : CoordinationPen {
    using CoordinationPen::operator();
    static const char* cause(RemovalCause why) {
        return words::removal_causes[static_cast<std::size_t>(why)];
    }
    static const char* cause(ChangeCause why) { return words::change_causes[static_cast<std::size_t>(why)]; }

    void operator()(const fact::RecordsSent& f) {
        name("RecordsSent");
        records(f.stream, f.first, f.count);
    }
    void operator()(const fact::ProduceSent& f) {
        name("ProduceSent");
        text("producer", configuration.producer(f.producer).name);
        broker("broker", f.broker);
        records(f.stream, f.first, f.count);
        number("attempt", f.attempt);
        number("base_sequence", f.base_sequence);
        number("producer_epoch", f.producer_epoch);
    }
    void operator()(const fact::RecordsAcknowledged& f) {
        name("RecordsAcknowledged");
        records(f.stream, f.first, f.count);
        number("base_offset", f.base_offset.value);
        number("created_us", f.created.micros);
    }
    void operator()(const fact::RecordsFailed& f) {
        name("RecordsFailed");
        records(f.stream, f.first, f.count);
        text("exception", exception_name(f.failure));
    }
    void operator()(const fact::RecordsResent& f) {
        name("RecordsResent");
        records(f.stream, f.first, f.count);
        number("resend", f.resend);
        number("life", f.life);
    }
    void operator()(const fact::ApplicationReacted& f) {
        name("ApplicationReacted");
        records(f.stream, f.first, f.count);
        text("reaction", words::error_reactions[static_cast<std::size_t>(f.reaction)]);
        text("exception", exception_name(f.failure));
        flag("thrown", f.thrown);
    }
    void operator()(const fact::SendBlocked& f) {
        name("SendBlocked");
        text("producer", configuration.producer(f.producer).name);
        text("waits_for", f.for_metadata ? "metadata" : "memory");
    }
    void operator()(const fact::SendUnblocked& f) {
        name("SendUnblocked");
        text("producer", configuration.producer(f.producer).name);
        number("waited_us", f.waited.micros);
        flag("gave_up", f.gave_up);
    }
    void operator()(const fact::ProducerEnded& f) {
        name("ProducerEnded");
        text("producer", configuration.producer(f.producer).name);
        text("end", words::producer_ends[static_cast<std::size_t>(f.end)]);
        number("unsent", f.unsent);
        number("in_flight", f.in_flight);
    }
    void operator()(const fact::ProduceRetried& f) {
        name("ProduceRetried");
        text("from", record_name(configuration, f.stream, f.first.value));
        text("error", kafka::name(f.error));
    }
    void operator()(const fact::ProducerEpochBumped& f) {
        name("ProducerEpochBumped");
        text("producer", configuration.producer(f.producer).name);
        number("producer_epoch", f.producer_epoch);
    }
    void operator()(const fact::ClientMetadataUpdated& f) {
        name("ClientMetadataUpdated");
        text("producer", configuration.producer(f.producer).name);
        partition(f.partition);
        broker("leader", f.leader);
        number("leader_epoch", f.leader_epoch.value);
    }
    void operator()(const fact::Delivered& f) {
        name("Delivered");
        text("consumer", configuration.consumer(f.consumer).name);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        number("leader_epoch", f.leader_epoch.value);
        broker("from", f.from);
    }
    void operator()(const fact::ConsumerPositioned& f) {
        name("ConsumerPositioned");
        text("consumer", configuration.consumer(f.consumer).name);
        partition(f.partition);
        number("offset", f.offset.value);
        text("cause", words::position_causes[static_cast<std::size_t>(f.cause)]);
    }
    void operator()(const fact::BatchAppended& f) {
        name("BatchAppended");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        number("leader_epoch", f.leader_epoch.value);
        text("role", f.as_leader ? "leader" : "follower");
    }
    void operator()(const fact::BatchRemoved& f) {
        name("BatchRemoved");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        number("leader_epoch", f.leader_epoch.value);
        text("cause", cause(f.cause));
    }
    void operator()(const fact::LogTruncated& f) {
        name("LogTruncated");
        broker("broker", f.broker);
        partition(f.partition);
        number("from", f.from.value);
        number("to", f.to.value);
        text("cause", cause(f.cause));
    }
    void operator()(const fact::DuplicateDetected& f) {
        name("DuplicateDetected");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
    }
    void operator()(const fact::ProduceAnswered& f) {
        name("ProduceAnswered");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        text("error", kafka::name(f.error));
        number("acks", f.acks);
        set("in_sync", f.in_sync);
    }
    void operator()(const fact::HighWatermarkMoved& f) {
        name("HighWatermarkMoved");
        broker("broker", f.broker);
        partition(f.partition);
        number("high_watermark", f.high_watermark.value);
        number("leader_epoch", f.leader_epoch.value);
        text("role", f.as_leader ? "leader" : "follower");
    }
    void operator()(const fact::BecameLeader& f) {
        name("BecameLeader");
        broker("broker", f.broker);
        partition(f.partition);
        number("leader_epoch", f.leader_epoch.value);
        number("partition_epoch", f.partition_epoch.value);
        set("isr", f.isr);
        number("high_watermark", f.high_watermark.value);
        number("log_end_offset", f.log_end_offset.value);
    }
    void operator()(const fact::BecameFollower& f) {
        name("BecameFollower");
        broker("broker", f.broker);
        partition(f.partition);
        number("leader_epoch", f.leader_epoch.value);
        broker("leader", f.leader);
        number("high_watermark", f.high_watermark.value);
        number("log_end_offset", f.log_end_offset.value);
    }
    void operator()(const fact::IsrProposed& f) {
        name("IsrProposed");
        broker("broker", f.broker);
        partition(f.partition);
        number("leader_epoch", f.leader_epoch.value);
        set("isr", f.isr);
        set("proposed", f.proposed);
    }
    void operator()(const fact::FetchServed& f) {
        name("FetchServed");
        broker("broker", f.broker);
        partition(f.partition);
        broker("follower", f.follower);
        number("fetch_offset", f.fetch_offset.value);
        number("end", f.end.value);
        number("high_watermark", f.high_watermark.value);
        text("error", kafka::name(f.error));
    }
    void operator()(const fact::PartitionChanged& f) {
        name("PartitionChanged");
        partition(f.partition);
        broker("leader", f.leader);
        number("leader_epoch", f.leader_epoch.value);
        number("partition_epoch", f.partition_epoch.value);
        set("isr", f.isr);
        set("elr", f.elr);
        set("last_known_elr", f.last_known_elr);
        text("cause", cause(f.cause));
        flag("unclean", f.unclean);
    }
    void operator()(const fact::BrokerChanged& f) {
        name("BrokerChanged");
        broker("broker", f.broker);
        text("event", words::broker_events[static_cast<std::size_t>(f.event)]);
        number("broker_epoch", f.broker_epoch.value);
    }
    void operator()(const fact::MetadataApplied& f) {
        name("MetadataApplied");
        broker("broker", f.broker);
        number("offset", f.offset.value);
    }
    void operator()(const fact::ConfigChanged& f) {
        name("ConfigChanged");
        text("fault", configuration.faults[static_cast<std::size_t>(f.fault)].name);
    }
    void operator()(const fact::FaultHappened& f) {
        name("FaultHappened");
        text("fault", configuration.faults[static_cast<std::size_t>(f.fault)].name);
        text("target", process_name(configuration, f.broker));
        flag("undone", f.undone);
    }
    void operator()(const fact::FaultMissed& f) {
        name("FaultMissed");
        text("fault", configuration.faults[static_cast<std::size_t>(f.fault)].name);
    }
    void operator()(const fact::QuorumRoleChanged& f) {
        about("QuorumRoleChanged", f.voter);
        text("role", words::quorum_roles[static_cast<std::size_t>(f.role)]);
        number("epoch", f.epoch.value);
        voter("quorum_leader", f.leader);
    }
    void operator()(const fact::ControllerActivated& f) {
        about("ControllerActivated", f.voter);
        number("epoch", f.epoch.value);
        flag("active", f.active);
    }
    void operator()(const fact::MetadataCommitted& f) {
        about("MetadataCommitted", f.voter);
        number("epoch", f.epoch.value);
        number("high_watermark", f.high_watermark.value);
    }
    void operator()(const fact::MetadataTruncated& f) {
        about("MetadataTruncated", f.voter);
        number("from_offset", f.from.value);
        number("to_offset", f.to.value);
    }
    void operator()(const fact::MetadataSnapshotLoaded& f) {
        about("MetadataSnapshotLoaded", f.voter);
        number("end", f.end.value);
    }
    void operator()(const fact::ControllerChanged& f) {
        name("ControllerChanged");
        broker("broker", f.broker);
        number("epoch", f.epoch.value);
        flag("active", f.active);
    }
    void operator()(const fact::Ignored& f) {
        name("Ignored");
        text("reason", f.reason);
    }

    void operator()(const fact::PartitionAssigned& f) {
        name("PartitionAssigned");
        consumer(f.consumer);
        partition(f.partition);
        number("generation", f.generation.value);
    }
    void operator()(const fact::PartitionRevoked& f) {
        name("PartitionRevoked");
        consumer(f.consumer);
        partition(f.partition);
        number("generation", f.generation.value);
        flag("lost", f.lost);
    }
    void operator()(const fact::CommitSent& f) {
        name("CommitSent");
        consumer(f.consumer);
        partition(f.partition);
        number("offset", f.offset.value);
        text("cause", word(f.cause));
    }
    void operator()(const fact::CommitAnswered& f) {
        name("CommitAnswered");
        consumer(f.consumer);
        partition(f.partition);
        number("offset", f.offset.value);
        error(f.error);
        text("cause", word(f.cause));
    }
    void operator()(const fact::Polled& f) {
        name("Polled");
        consumer(f.consumer);
        number("records", f.records);
    }
    void operator()(const fact::ProcessingBegan& f) {
        name("ProcessingBegan");
        consumer(f.consumer);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
    }
    void operator()(const fact::ProcessingEnded& f) {
        name("ProcessingEnded");
        consumer(f.consumer);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        text("outcome", word(f.outcome));
    }
    void operator()(const fact::ResultSent& f) {
        name("ResultSent");
        consumer(f.consumer);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
    }
    void operator()(const fact::RecordForwarded& f) {
        name("RecordForwarded");
        consumer(f.consumer);
        partition(f.partition);
        number("offset", f.offset.value);
        records(f.stream, f.first, 1);
    }
    void operator()(const fact::ConsumerPaused& f) {
        name("ConsumerPaused");
        consumer(f.consumer);
        partition(f.partition);
        flag("paused", f.paused);
    }
    void operator()(const fact::ApplicationHalted& f) {
        name("ApplicationHalted");
        consumer(f.consumer);
        if (f.partition.value >= 0) partition(f.partition);
        number("offset", f.offset.value);
    }
    void operator()(const fact::StateWritten& f) {
        name("StateWritten");
        consumer(f.consumer);
        partition(f.partition);
        number("from_offset", f.from.value);
        number("to_offset", f.to.value);
        flag("refused", f.refused);
    }
    void operator()(const fact::ApplicationCrashed& f) {
        name("ApplicationCrashed");
        consumer(f.consumer);
        producer(f.producer);
    }
    void operator()(const fact::TransactionBegun& f) {
        name("TransactionBegun");
        producer(f.producer);
        identity(f.producer_id, f.producer_epoch);
    }
    void operator()(const fact::TransactionPartitionAdded& f) {
        place("TransactionPartitionAdded", f.broker, f.partition);
        transactional_id(f.transactional_id);
    }
    void operator()(const fact::TransactionChanged& f) {
        name("TransactionChanged");
        broker("broker", f.broker);
        transactional_id(f.transactional_id);
        text("state", word(f.state));
        identity(f.producer_id, f.producer_epoch);
    }
    void operator()(const fact::TransactionEnded& f) {
        name("TransactionEnded");
        producer(f.producer);
        text("outcome", f.commit ? "commit" : "abort");
        error(f.error);
    }
    void operator()(const fact::ProducerFenced& f) {
        name("ProducerFenced");
        producer(f.producer);
        error(f.error);
    }
    void operator()(const fact::MarkerWritten& f) {
        place("MarkerWritten", f.broker, f.partition);
        number("offset", f.offset.value);
        identity(f.producer_id, f.producer_epoch);
        text("outcome", f.outcome == ControlType::commit ? "commit" : "abort");
        number("coordinator_epoch", f.coordinator_epoch.value);
    }
    void operator()(const fact::LastStableOffsetMoved& f) {
        place("LastStableOffsetMoved", f.broker, f.partition);
        number("last_stable_offset", f.last_stable_offset.value);
    }
};

} // namespace

void Trace::on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World&) {
    entries_.push_back({time, event, fact});
}

std::string Trace::render(const Configuration& configuration) const {
    return highwater::render(entries_, configuration);
}

std::string render(std::span<const TraceEntry> entries, const Configuration& configuration) {
    std::string out;
    Writer writer{{{configuration, out}}};
    for (const TraceEntry& entry : entries) {
        out += "{\"time_us\":";
        writer.digits(entry.time.micros);
        out += ",\"event\":";
        writer.digits(static_cast<std::int64_t>(entry.event));
        out += ',';
        std::visit(writer, entry.fact);
        out += "}\n";
    }
    return out;
}

} // namespace highwater
