#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Source: KafkaRaftClient.MAX_FETCH_WAIT_MS, MAX_BATCH_SIZE_BYTES (a bound on records stands for the bytes).
constexpr sim::Duration longest_fetch_wait = sim::milliseconds(500);
constexpr std::int64_t most_records = 2000;
constexpr std::int32_t reply_bytes = 100;

void answer_fetch(const Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request,
                  Turn& turn) {
    const Controller::Durable& durable = self.durable;
    const sim::SlabHandle handle = turn.slabs().metadata_records.acquire();
    std::vector<MetadataRecord>& records = turn.slabs().metadata_records.open(handle).records;
    const auto first = durable.log.begin() + request.fetch_offset.value;
    const std::int64_t count = std::min(distance(request.fetch_offset, durable.high_watermark), most_records);
    records.assign(first, first + count);
    const auto bytes = static_cast<std::int32_t>(80 + 100 * records.size());
    turn.send(connection, sim::Side::server,
              MetadataFetchResponse{ErrorCode::none, request.fetch_offset, durable.high_watermark, handle},
              bytes);
}

/// Copies what one record is about. Everything in `from` is decided by records that are committed together
/// with it.
struct Publish {
    const Controller::Image& from;
    Controller::Image& to;
    void operator()(const NoOpRecord&) const {}
    void operator()(const BrokerConfigRecord&) const {}
    void operator()(const AccessControlRecord&) const {}
    void operator()(const BrokerRecord& record) const {
        to.registrations[index(record.broker)] = from.registrations[index(record.broker)];
        to.offline_directories = from.offline_directories; // a registration brings its directory online
    }
    void operator()(const PartitionRecord& record) const {
        to.partitions[index(record.partition)] = from.partitions[index(record.partition)];
        to.offline_directories[index(record.partition)] = from.offline_directories[index(record.partition)];
    }
    void operator()(const TopicConfigRecord& record) const {
        to.topics[index(record.topic)] = from.topics[index(record.topic)];
    }
};

} // namespace

/// The record joins what the next drain writes.
/// Source: QuorumController.ControllerWriteEvent, BatchAccumulator (the linger runs from the first append
/// after a drain).
void append(Controller& self, const MetadataRecord& record, Turn& turn) {
    self.durable.log.push_back(record);
    if (self.memory.commit_is_scheduled) return;
    self.memory.commit_is_scheduled = true;
    turn.after(turn.configuration.controller_settings.controller_quorum_append_linger,
               timer(ControllerTimer::commit));
}

void reply_now(sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    turn.send(connection, sim::Side::server, mail, reply_bytes);
}

/// An answer without records of its own waits for the records of others: it was decided on what they say.
/// Source: QuorumController.ControllerWriteEvent (deferredEventQueue.highestPendingOffset).
void reply_when_committed(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (log_end_offset(self) == self.durable.high_watermark) return reply_now(connection, mail, turn);
    self.memory.deferred.push_back({connection, log_end_offset(self), mail});
}

/// The single voter writes and flushes: everything appended so far is committed. Its high watermark moves
/// before parked fetches are answered, which therefore carry the records and the new high watermark at once.
/// Source: KafkaRaftClient.appendBatch, flushLeaderLog, updateLeaderEndOffsetAndTimestamp.
void commit(Controller& self, Turn& turn) {
    Controller::Durable& durable = self.durable;
    self.memory.commit_is_scheduled = false;
    const auto first = static_cast<std::size_t>(durable.high_watermark.value);
    for (std::size_t i = first; i < durable.log.size(); ++i)
        std::visit(Publish{self.memory.image, durable.committed}, durable.log[i]);
    durable.high_watermark = log_end_offset(self);
    std::vector<DeferredReply> deferred;
    deferred.swap(self.memory.deferred);
    for (const DeferredReply& reply : deferred)
        reply_now(reply.connection, reply.mail, turn);
    std::vector<ParkedFetch> parked;
    parked.swap(self.memory.parked);
    for (const ParkedFetch& fetch : parked) {
        turn.cancel(fetch.timer);
        answer_fetch(self, fetch.connection, fetch.request, turn);
    }
}

/// Nobody has heard of these records, so their offsets and epochs are given again. Observers have been told
/// at the time of the write; they hear of the older state again.
/// Source: QuorumController.renounce (snapshots are reverted).
void forget_uncommitted(Controller& self, Turn& turn) {
    Controller::Durable& durable = self.durable;
    for (const DeferredReply& reply : self.memory.deferred)
        turn.release(reply.mail);
    self.memory.deferred.clear();
    for (auto i = static_cast<std::size_t>(durable.high_watermark.value); i < durable.log.size(); ++i) {
        const auto* lost = std::get_if<PartitionRecord>(&durable.log[i]);
        if (lost == nullptr) continue;
        const PartitionState& state = durable.committed.partitions[index(lost->partition)];
        turn.note(fact::PartitionChanged{lost->partition, state.leader, state.leader_epoch,
                                         state.partition_epoch, state.isr, state.elr, state.last_known_elr,
                                         ChangeCause::created, false});
    }
    durable.log.resize(static_cast<std::size_t>(durable.high_watermark.value));
}

/// Source: KafkaRaftClient.handleFetchRequest; semantics 4.10.9.
/// Leaves out: answering at once because the follower does not know the high watermark (KAFKA-14145): with
/// one voter it comes together with the records.
void handle(Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request, Turn& turn) {
    SIM_ASSERT(request.fetch_offset >= Offset{0}, "a log begins at offset 0");
    SIM_ASSERT(request.fetch_offset <= self.durable.high_watermark,
               "an observer has read only what is committed");
    if (request.fetch_offset < self.durable.high_watermark)
        return answer_fetch(self, connection, request, turn);
    const auto same = [&](const ParkedFetch& fetch) { return fetch.connection == connection; };
    const auto older = std::find_if(self.memory.parked.begin(), self.memory.parked.end(), same);
    if (older != self.memory.parked.end()) {
        turn.cancel(older->timer);
        self.memory.parked.erase(older);
        turn.ignore("a later fetch came on the same connection");
    }
    ParkedFetch fetch{connection, request, ++self.memory.fetch_round, {}};
    fetch.timer = turn.after(longest_fetch_wait, timer(ControllerTimer::fetch_expired, fetch.round));
    self.memory.parked.push_back(fetch);
}

void expire_fetch(Controller& self, std::uint32_t round, Turn& turn) {
    std::vector<ParkedFetch>& parked = self.memory.parked;
    const auto at = std::find_if(parked.begin(), parked.end(),
                                 [&](const ParkedFetch& fetch) { return fetch.round == round; });
    if (at == parked.end()) return turn.ignore("metadata fetch answered already");
    const ParkedFetch fetch = *at;
    parked.erase(at);
    answer_fetch(self, fetch.connection, fetch.request, turn);
}

} // namespace kafka::parts
