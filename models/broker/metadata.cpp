#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

/// Keeps one raft fetch in flight. Source: KafkaRaftClient as observer; semantics 4.10.
void fetch_metadata(Broker& broker, Turn& turn) {
    Memory& memory = broker.memory;
    if (memory.metadata.in_flight || !memory.unapplied.empty()) return;
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    turn.after(settings.controller_quorum_request_timeout,
               timer(BrokerTimer::metadata_timeout, memory.metadata.round));
    if (!ensure_ready(memory.metadata, Addresses::controller(turn.configuration, 0), LinkKind::control,
                      turn)) {
        if (memory.metadata.state == Channel::State::closed)
            turn.at(memory.metadata.retry_at, timer(BrokerTimer::metadata_connect, memory.metadata.round));
        return;
    }
    memory.metadata.in_flight = true;
    turn.send(memory.metadata.connection, sim::Side::client,
              MetadataFetchRequest{broker.slot, memory.image.next_offset, memory.image.next_offset}, 120);
}

void metadata_failed(Broker& broker, Turn& turn) {
    Channel& channel = broker.memory.metadata;
    channel.failures += 1;
    turn.at(channel.retry_at, timer(BrokerTimer::metadata_connect, channel.round));
}

void on_metadata(Broker& broker, const MetadataFetchResponse& response, Turn& turn) {
    Memory& memory = broker.memory;
    memory.metadata.in_flight = false;
    memory.metadata.round += 1;
    memory.metadata.failures = 0;
    if (response.error != ErrorCode::none) return metadata_failed(broker, turn);
    const MetadataRecords& content = turn.slabs().metadata_records.open(response.content);
    SIM_ASSERT(memory.unapplied.empty(), "one answer at a time");
    if (response.fetch_offset == memory.image.next_offset)
        memory.unapplied.assign(content.records.begin(), content.records.end());
    turn.slabs().metadata_records.release(response.content);
    if (memory.unapplied.empty()) return fetch_metadata(broker, turn);
    const auto owner = static_cast<std::uint64_t>(broker.slot.value);
    turn.after(turn.draw(turn.configuration.network.metadata_apply, Purpose::metadata_apply, owner),
               timer(BrokerTimer::metadata_apply, memory.metadata.round));
}

/// Applies what was fetched: caches first, then leaders, then followers.
/// Source: BrokerMetadataPublisher.onMetadataUpdate, ReplicaManager.applyDelta; semantics 4.6.
void publish_metadata(Broker& broker, Turn& turn) {
    Memory& memory = broker.memory;
    const std::vector<PartitionState>& before = memory.partitions_before = memory.image.partitions;
    const bool first = memory.image.next_offset == Offset{0};
    for (const MetadataRecord& record : memory.unapplied)
        apply(memory.image, record, broker.slot);
    memory.unapplied.clear();
    turn.note(fact::MetadataApplied{broker.slot, memory.image.next_offset});
    for (const bool leaders : {true, false}) {
        for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
            const auto at = static_cast<std::size_t>(broker.hosted[i].value);
            const PartitionState& state = memory.image.partitions[at];
            if ((state.leader == broker.slot) != leaders || !exists(state)) continue;
            if (first || !(state == before[at])) take_role(broker, static_cast<int>(i), state, turn);
        }
    }
    memory.partitions_before.clear();
    find_leaders_of_markers(broker, turn);
    if (first) send_directory_report(broker, turn);
    // A broker that fetches at the epoch known so far may have become eligible: the next fetch asks again.
    fetch_metadata(broker, turn);
}

} // namespace kafka::parts
