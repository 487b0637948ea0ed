#pragma once
// How facts of groups are written, at the coordinator.

#include "tools/highwater/trace/operation_facts.hpp"

namespace highwater {

struct CoordinationPen : OperationPen {
    using OperationPen::operator();
    void error(kafka::ErrorCode code) { text("error", kafka::name(code)); }
    void group(kafka::GroupIndex index) { text("group", configuration.group(index).name); }
    void consumer(kafka::ConsumerIndex index) {
        text("consumer", index.value < 0 ? "" : configuration.consumer(index).name);
    }
    void producer(kafka::ProducerIndex index) {
        text("producer", index.value < 0 ? "" : configuration.producer(index).name);
    }
    void identity(kafka::ProducerId id, std::int16_t epoch) {
        number("producer_id", id.value);
        number("producer_epoch", epoch);
    }
    void transactional_id(kafka::TransactionalIdIndex index) {
        text("transactional_id", configuration.transactional_id(index).name);
    }
    void place(const char* fact, kafka::BrokerSlot slot, kafka::PartitionIndex index) {
        name(fact);
        broker("broker", slot);
        partition(index);
    }

    void operator()(const kafka::fact::CoordinatorLoaded& f) {
        place("CoordinatorLoaded", f.broker, f.partition);
        number("leader_epoch", f.leader_epoch.value);
        number("log_end_offset", f.log_end_offset.value);
    }
    void operator()(const kafka::fact::CoordinatorResigned& f) {
        place("CoordinatorResigned", f.broker, f.partition);
        number("leader_epoch", f.leader_epoch.value);
    }
    void operator()(const kafka::fact::CoordinatorAppended& f) {
        place("CoordinatorAppended", f.broker, f.partition);
        number("base_offset", f.base_offset.value);
        number("count", f.count);
        text("kind", f.kind == kafka::CoordinatorKind::group ? "group" : "transaction");
        error(f.error);
    }
    void operator()(const kafka::fact::GroupChanged& f) {
        name("GroupChanged");
        broker("broker", f.broker);
        group(f.group);
        text("state", word(f.state));
        number("generation", f.generation.value);
        number("members", f.members);
    }
    void operator()(const kafka::fact::MemberJoined& f) {
        name("MemberJoined");
        broker("broker", f.broker);
        group(f.group);
        consumer(f.consumer);
        number("member", f.member.value);
        number("generation", f.generation.value);
    }
    void operator()(const kafka::fact::MemberLeft& f) {
        name("MemberLeft");
        broker("broker", f.broker);
        group(f.group);
        consumer(f.consumer);
        number("member", f.member.value);
        text("cause", word(f.cause));
    }
    void operator()(const kafka::fact::OffsetCommitted& f) {
        place("OffsetCommitted", f.broker, f.partition);
        group(f.group);
        consumer(f.consumer);
        number("offset", f.offset.value);
        number("record", f.record.value);
        number("generation", f.generation.value);
        error(f.error);
        set("in_sync", f.in_sync);
    }
    void operator()(const kafka::fact::OffsetForgotten& f) {
        place("OffsetForgotten", f.broker, f.partition);
        group(f.group);
        number("offset", f.offset.value);
        text("cause", word(f.cause));
    }
};

} // namespace highwater
