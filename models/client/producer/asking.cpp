#include "models/client/producer/parts.hpp"

#include <algorithm>

namespace kafka::parts {

/// The least loaded broker that is connected; else begins to connect to one. Source:
/// NetworkClient.leastLoadedNode. Brokers of the last metadata answer come first; when none of them can be
/// reached, all are tried (bootstrap).
BrokerSlot broker_to_ask(Producer& self, Turn& turn) {
    const auto count = static_cast<std::int32_t>(self.nodes.size());
    BrokerSlot best = no_slot;
    for (std::int32_t i = 0; i < count; ++i) {
        const BrokerSlot slot{(self.next_node + i) % count};
        const ProducerNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
        if (node.link.state != NodeConnection::State::ready ||
            !turn.may_write(node.link.connection, sim::Side::client))
            continue;
        if (best == no_slot ||
            node.in_flight.size() < self.nodes[static_cast<std::size_t>(best.value)].in_flight.size())
            best = slot;
    }
    if (best != no_slot) return best;
    const bool connecting = std::any_of(self.nodes.begin(), self.nodes.end(), [](const ProducerNode& node) {
        return node.link.state == NodeConnection::State::connecting;
    });
    if (connecting) return no_slot;
    for (const bool known_only : {true, false}) {
        for (std::int32_t i = 0; i < count; ++i) {
            const BrokerSlot slot{(self.next_node + i) % count};
            if (known_only && (!self.metadata.known || !self.metadata.alive.has(slot))) continue;
            ProducerNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
            if (node.link.retry_at > turn.now) continue;
            ensure_ready(node.link, slot, connection_settings(self, turn), turn);
            self.next_node = (slot.value + 1) % count;
            return no_slot;
        }
        if (known_only && !settings(self, turn).rebootstrap && self.metadata.known) return no_slot;
    }
    return no_slot;
}

sim::SimTime next_metadata_request(const Producer& self, const Turn& turn) {
    const MetadataView& metadata = self.metadata;
    if (metadata.asked != no_slot) return metadata.deadline;
    const ProducerSettings& set = settings(self, turn);
    const sim::SimTime aged = metadata.known ? metadata.refreshed + set.metadata_max_age : turn.now;
    if (!metadata.requested) return aged;
    if (metadata.refreshed > turn.now)
        return metadata.refreshed + set.retry_backoff; // the clock was set back
    if (metadata.attempts == 0) return turn.now;
    // Rate-limited by the retry back-off, which grows while answers leave partitions without a leader.
    sim::Duration wait = set.retry_backoff;
    for (std::int32_t i = 1; i < metadata.attempts && wait < set.retry_backoff_max; ++i)
        wait = wait * 2;
    return metadata.attempted + std::min(wait, set.retry_backoff_max);
}

void ask_metadata(Producer& self, Turn& turn) {
    MetadataView& metadata = self.metadata;
    if (metadata.asked != no_slot || next_metadata_request(self, turn) > turn.now) return;
    const BrokerSlot slot = broker_to_ask(self, turn);
    if (slot == no_slot) return;
    metadata.asked = slot;
    metadata.correlation = self.next_correlation++;
    metadata.attempted = turn.now;
    metadata.attempts += 1;
    metadata.deadline = turn.now + settings(self, turn).request_timeout;
    turn.send(self.nodes[static_cast<std::size_t>(slot.value)].link.connection, sim::Side::client,
              MetadataRequest{metadata.correlation}, 60);
}

void on_metadata(Producer& self, const MetadataResponse& response, Turn& turn) {
    const MetadataAnswer answer = turn.slabs().metadata_answer.open(response.content);
    turn.slabs().metadata_answer.release(response.content);
    if (self.metadata.asked == no_slot || response.correlation != self.metadata.correlation)
        return turn.ignore("metadata answer that is no longer awaited");
    self.metadata.asked = no_slot;
    self.metadata.deadline = sim::SimTime::never();
    const std::vector<MetadataView::PartitionView> before = self.metadata.partitions;
    update(self.metadata, answer, turn.now);
    // Only this producer's topic decides whether to ask again.
    self.metadata.requested =
        std::any_of(self.queues.begin(), self.queues.end(), [&](const PartitionQueue& queue) {
            return is_known(self.metadata, queue.partition) &&
                   leader_view(self, queue.partition).leader == no_slot;
        });
    // Partitions that were added count from now on: keys move (Cluster.partitionCountForTopic).
    const TopicConfiguration& topic = turn.configuration.topic(configured(self, turn).topic);
    const std::int32_t grown = known_partitions(self.metadata, topic);
    if (grown > self.partitions) {
        absorb(self, turn); // what was handed over before went to the old ones
        self.partitions = grown;
    }
    if (!self.metadata.requested) self.metadata.attempts = 0;
    for (const PartitionQueue& queue : self.queues) {
        const auto at = static_cast<std::size_t>(queue.partition.value);
        const MetadataView::PartitionView& now = self.metadata.partitions[at];
        if (at < before.size() && before[at] == now) continue;
        turn.note(fact::ClientMetadataUpdated{self.index, queue.partition, now.leader, now.leader_epoch});
    }
}

void ask_producer_id(Producer& self, Turn& turn) {
    if (configured(self, turn).transactional_id != no_transactional_id) return; // initTransactions() asks
    if (!is_idempotent(self, turn) || self.fatal || self.producer_id != no_producer_id ||
        self.init_asked != no_slot)
        return;
    const BrokerSlot slot = broker_to_ask(self, turn);
    if (slot == no_slot) return;
    self.init_asked = slot;
    self.init_correlation = self.next_correlation++;
    self.init_deadline = turn.now + settings(self, turn).request_timeout;
    InitProducerIdRequest request;
    request.correlation = self.init_correlation;
    request.producer = self.index;
    turn.send(self.nodes[static_cast<std::size_t>(slot.value)].link.connection, sim::Side::client, request,
              60);
}

} // namespace kafka::parts
