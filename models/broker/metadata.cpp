#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool has_quorum(const Turn& turn) { return turn.configuration.controllers.size() > 1; }

/// Another voter is asked, which may know the leader.
/// Source: KafkaRaftClient.maybeSendAnyVoterFetch.
void ask_any_voter(Broker& broker, Turn& turn) {
    const std::uint64_t draw =
        turn.draw(Purpose::observer_voter, static_cast<std::uint64_t>(broker.slot.value));
    broker.memory.observer.asked =
        Voter{static_cast<std::int32_t>(sim::below(draw, turn.configuration.controllers.size()))};
}

Offset fetch_offset(const Memory& memory) {
    return next(memory.image.next_offset, static_cast<std::int64_t>(memory.observer.records.size()));
}

/// What an answer says of epoch and leader; false when its records are not to be taken.
/// Source: KafkaRaftClient.maybeHandleCommonResponse.
bool learn_leader(Broker& broker, const MetadataFetchResponse& response, Turn& turn) {
    QuorumObserver& observer = broker.memory.observer;
    const bool newer = response.epoch > observer.epoch;
    const bool same = response.epoch == observer.epoch;
    if (newer || (same && response.leader != no_voter)) {
        observer.epoch = response.epoch;
        observer.leader = response.leader;
    }
    if (response.error == ErrorCode::none && (newer || same)) return true;
    if (observer.leader != no_voter && observer.leader != observer.asked)
        observer.asked = observer.leader;
    else
        ask_any_voter(broker, turn);
    give_up(broker.memory.metadata, settings_of(broker, turn.configuration).controller_quorum_retry_backoff,
            turn);
    metadata_connect_later(broker, turn);
    return false;
}

/// Takes the records of an answer; what is known to be committed is to be applied.
void take_records(Broker& broker, const MetadataFetchResponse& response, const MetadataRecords& content) {
    Memory& memory = broker.memory;
    QuorumObserver& observer = memory.observer;
    SIM_ASSERT(memory.unapplied.empty(), "one answer at a time");
    if (response.snapshot) {
        observer.records.clear();
        observer.epochs.clear();
        memory.unapplied = content.records;
        observer.last_epoch = response.diverging_epoch;
        observer.snapshot_end = response.fetch_offset;
        return;
    }
    if (response.diverging_end != no_offset) { // what was never committed goes
        while (!observer.epochs.empty() && (fetch_offset(memory) > response.diverging_end ||
                                            observer.epochs.back() > response.diverging_epoch)) {
            observer.records.pop_back();
            observer.epochs.pop_back();
        }
        return;
    }
    if (response.fetch_offset == fetch_offset(memory)) {
        observer.records.insert(observer.records.end(), content.records.begin(), content.records.end());
        observer.epochs.insert(observer.epochs.end(), content.epochs.begin(), content.epochs.end());
    }
    const std::int64_t known = distance(memory.image.next_offset, response.high_watermark);
    const auto size = static_cast<std::int64_t>(observer.records.size());
    const std::int64_t count = std::clamp<std::int64_t>(known, 0, size);
    if (count == 0) return;
    memory.unapplied.assign(observer.records.begin(), observer.records.begin() + count);
    observer.last_epoch = observer.epochs[static_cast<std::size_t>(count - 1)];
    observer.records.erase(observer.records.begin(), observer.records.begin() + count);
    observer.epochs.erase(observer.epochs.begin(), observer.epochs.begin() + count);
}

} // namespace

/// Keeps one raft fetch in flight. Source: KafkaRaftClient as observer; semantics 4.10.
void fetch_metadata(Broker& broker, Turn& turn) {
    Memory& memory = broker.memory;
    if (memory.metadata.in_flight || !memory.unapplied.empty()) return;
    const QuorumObserver& observer = memory.observer;
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    turn.after(settings.controller_quorum_request_timeout,
               timer(BrokerTimer::metadata_timeout, memory.metadata.round));
    const sim::ProcessId voter =
        Addresses::controller(turn.configuration, static_cast<std::size_t>(observer.asked.value));
    if (!ensure_ready(memory.metadata, voter, LinkKind::control, turn)) {
        if (memory.metadata.state == Channel::State::closed)
            turn.at(memory.metadata.retry_at, timer(BrokerTimer::metadata_connect, memory.metadata.round));
        return;
    }
    memory.metadata.in_flight = true;
    const Epoch last = observer.epochs.empty() ? observer.last_epoch : observer.epochs.back();
    turn.send(memory.metadata.connection, sim::Side::client,
              MetadataFetchRequest{broker.slot, fetch_offset(memory), memory.image.next_offset, no_voter,
                                   observer.epoch, last, 0},
              120);
}

void metadata_connect_later(Broker& broker, Turn& turn) {
    const Channel& channel = broker.memory.metadata;
    turn.at(channel.retry_at, timer(BrokerTimer::metadata_connect, channel.round));
}

void metadata_failed(Broker& broker, Turn& turn) {
    broker.memory.metadata.failures += 1;
    if (has_quorum(turn)) ask_any_voter(broker, turn);
    metadata_connect_later(broker, turn);
}

void on_metadata(Broker& broker, const MetadataFetchResponse& response, Turn& turn) {
    Memory& memory = broker.memory;
    memory.metadata.in_flight = false;
    memory.metadata.round += 1;
    memory.metadata.failures = 0;
    if (has_quorum(turn) && !learn_leader(broker, response, turn)) return turn.release(response);
    if (response.error != ErrorCode::none) return metadata_failed(broker, turn);
    take_records(broker, response, turn.slabs().metadata_records.open(response.content));
    turn.slabs().metadata_records.release(response.content);
    if (memory.unapplied.empty()) return fetch_metadata(broker, turn);
    const auto owner = static_cast<std::uint64_t>(broker.slot.value);
    sim::Duration work =
        turn.busy_for(turn.draw(turn.configuration.network.metadata_apply, Purpose::metadata_apply, owner));
    // Logs are loaded before the first publication. Source: BrokerMetadataPublisher.initializeManagers.
    if (memory.image.next_offset == Offset{0}) work = work + memory.disk_work.recovery;
    turn.after(work, timer(BrokerTimer::metadata_apply));
}

std::optional<sim::ProcessId> controller_of(const Broker& broker, const Turn& turn) {
    if (has_zookeeper(turn)) {
        const BrokerSlot controller = broker.memory.zookeeper.ordering;
        return controller == no_slot ? std::nullopt : std::optional(Addresses::broker(controller));
    }
    const Voter leader = has_quorum(turn) ? broker.memory.observer.leader : Voter{0};
    if (leader == no_voter) return std::nullopt;
    return Addresses::controller(turn.configuration, static_cast<std::size_t>(leader.value));
}

/// Source: NodeToControllerRequestThread.doWork: an unknown controller is looked for again after 100 ms.
bool ready_for_controller(const Broker& broker, Channel& channel, Turn& turn) {
    const std::optional<sim::ProcessId> server = controller_of(broker, turn);
    if (server) return ensure_ready(channel, *server, LinkKind::control, turn);
    if (channel.state == Channel::State::ready) return true;
    channel.retry_at = std::max(channel.retry_at, turn.now + controller_lookup);
    return false;
}

namespace {

/// Deletions come first. Also of what was deleted, or taken away, while the process was down (stray replicas:
/// LogManager.isStrayReplica).
void drop_replicas(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        const PartitionState& state =
            broker.memory.image.partitions[static_cast<std::size_t>(broker.hosted[i].value)];
        if (why_no_replica(broker, broker.hosted[i], turn.configuration) == ErrorCode::none) continue;
        if (!exists(state) && !state.deleted) continue; // not created yet
        drop_replica(broker, static_cast<int>(i),
                     state.deleted ? RemovalCause::topic_deleted : RemovalCause::replica_removed, turn);
    }
}

} // namespace

/// Applies what was fetched: caches first, then leaders, then followers.
/// Source: BrokerMetadataPublisher.onMetadataUpdate, ReplicaManager.applyDelta; semantics 4.6.
void publish_metadata(Broker& broker, Turn& turn) {
    Memory& memory = broker.memory;
    if (hangs_on_metadata_disk(broker)) {
        memory.disk_work.publication = true;
        return;
    }
    const std::vector<PartitionState>& before = memory.partitions_before = memory.image.partitions;
    const bool first = memory.image.next_offset == Offset{0};
    if (first && memory.disk_work.unrecovered) recover_late(broker, turn);
    const bool says_something =
        std::any_of(memory.unapplied.begin(), memory.unapplied.end(),
                    [](const MetadataRecord& record) { return !std::holds_alternative<NoOpRecord>(record); });
    for (const MetadataRecord& record : memory.unapplied)
        apply(memory.image, record, broker.slot);
    const bool deletes = delete_partitions(memory.unapplied);
    memory.unapplied.clear();
    if (memory.observer.snapshot_end != no_offset) memory.image.next_offset = memory.observer.snapshot_end;
    memory.observer.snapshot_end = no_offset;
    if (says_something) turn.note(fact::MetadataApplied{broker.slot, memory.image.next_offset});
    drop_replicas(broker, turn);
    for (const bool leaders : {true, false}) {
        for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
            const auto at = static_cast<std::size_t>(broker.hosted[i].value);
            const PartitionState& state = memory.image.partitions[at];
            if ((state.leader == broker.slot) != leaders || !exists(state)) continue;
            if (why_no_replica(broker, broker.hosted[i], turn.configuration) != ErrorCode::none) continue;
            if (first || !(state == before[at])) take_role(broker, static_cast<int>(i), state, turn);
        }
    }
    memory.partitions_before.clear();
    if (deletes) forget_deleted_topics(broker, turn);
    find_leaders_of_markers(broker, turn);
    if (first) send_directory_report(broker, turn);
    // A broker that fetches at the epoch known so far may have become eligible: the next fetch asks again.
    fetch_metadata(broker, turn);
}

} // namespace kafka::parts
