#include "models/control/zookeeper/parts.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// Source: controller.socket.timeout.ms; RequestSendThread.backoff.
constexpr sim::Duration control_timeout = sim::milliseconds(30000);
constexpr sim::Duration control_backoff = sim::milliseconds(100);
constexpr std::int32_t order_head_bytes = 100;
constexpr std::int32_t order_record_bytes = 60;

ControlChannel* channel_for(ZooKeeperController& self, BrokerSlot broker) {
    for (ControlChannel& one : self.channels)
        if (one.server == broker) return &one;
    return nullptr;
}

void enqueue_order(ZooKeeperController& self, BrokerSlot to, ControlKind kind,
                   std::vector<MetadataRecord> records, Turn& turn) {
    ControlChannel* channel = channel_for(self, to);
    if (channel == nullptr) return; // Source: sendRequest: not sending to a broker that is offline
    const bool epochs = dialect_of(self, turn.configuration).zookeeper.broker_epochs;
    const BrokerEpoch epoch = epochs ? self.live[zookeeper::index(to)] : no_broker_epoch;
    channel->queued.push_back({kind, self.epoch, epoch, std::move(records)});
    send_orders(*channel, turn);
}

} // namespace

ControlChannel* control_channel_on(ZooKeeperController& self, sim::ConnectionId connection) {
    for (ControlChannel& one : self.channels)
        if (connection.valid() && one.channel.connection == connection) return &one;
    return nullptr;
}

void send_orders(ControlChannel& to, Turn& turn) {
    Channel& channel = to.channel;
    if (channel.in_flight || to.queued.empty()) return;
    const auto slot = static_cast<std::uint32_t>(to.server.value);
    const bool connects = channel.state == Channel::State::closed && channel.retry_at <= turn.now;
    if (!ensure_ready(channel, Addresses::broker(to.server), LinkKind::control, turn)) {
        if (connects)
            turn.after(control_timeout, timer(ZooKeeperTimer::control_timeout, channel.round, slot));
        else if (channel.state == Channel::State::closed)
            turn.at(channel.retry_at, timer(ZooKeeperTimer::control_send, channel.round, slot));
        return;
    }
    const ControlOrder& order = to.queued.front();
    const sim::SlabHandle handle = turn.slabs().metadata_records.acquire();
    turn.slabs().metadata_records.open(handle).records = order.records;
    channel.in_flight = true;
    const BrokerSlot own{static_cast<std::int32_t>(turn.self().value)}; // the process is the broker's
    turn.send(channel.connection, sim::Side::client,
              ControlRequest{order.kind, own, order.controller_epoch, order.broker_epoch, handle},
              order_head_bytes + order_record_bytes * static_cast<std::int32_t>(order.records.size()));
    turn.after(control_timeout, timer(ZooKeeperTimer::control_timeout, channel.round, slot));
}

namespace {

/// Whether the controller has to do something about it: replicas failed, are online again, or were deleted.
/// Source: LeaderAndIsrResponseReceived, TopicDeletionStopReplicaResponseReceived.
bool matters(const ZooKeeperController& self, BrokerSlot server, const ControlOrder& order,
             const ControlResponse& response) {
    if (order.kind == ControlKind::delete_replica) return true;
    if (order.kind != ControlKind::leader_and_isr) return false;
    const bool back =
        std::any_of(order.records.begin(), order.records.end(), [&](const MetadataRecord& record) {
            return zookeeper::has_offline(self, std::get<PartitionRecord>(record).partition, server);
        });
    return response.some_failed || back;
}

ControllerEvent event_of(BrokerSlot server, const ControlOrder& order, const ControlResponse& response,
                         Turn& turn) {
    ControllerEvent event;
    event.kind = ControllerEventKind::replicas_answered;
    event.broker = server;
    event.order = order.kind;
    for (const MetadataRecord& record : order.records) {
        AlterPartitionAnswer::Entry answer;
        answer.partition = std::get<PartitionRecord>(record).partition;
        answer.error = response.error;
        event.answers.push_back(answer);
    }
    if (!response.some_failed) return event;
    for (const AlterPartitionAnswer::Entry& failed :
         turn.slabs().alter_partition_answer.open(response.content).entries)
        for (AlterPartitionAnswer::Entry& answer : event.answers)
            if (answer.partition == failed.partition) answer.error = failed.error;
    return event;
}

} // namespace

void order_answered(ZooKeeperController& self, ControlChannel& channel, const ControlResponse& response,
                    const ControllerSurroundings& around, Turn& turn) {
    if (!channel.channel.in_flight || channel.queued.empty()) return turn.release(response);
    channel.channel.in_flight = false;
    channel.channel.round += 1;
    const ControlOrder order = std::move(channel.queued.front());
    channel.queued.erase(channel.queued.begin());
    if (response.error == ErrorCode::stale_controller_epoch)
        turn.ignore("STALE_CONTROLLER_EPOCH: the broker obeys a newer controller");
    const bool known = matters(self, channel.server, order, response);
    ControllerEvent event = known ? event_of(channel.server, order, response, turn) : ControllerEvent{};
    turn.release(response);
    send_orders(channel, turn);
    if (known) happen(self, std::move(event), around, turn);
}

void order_failed(ControlChannel& channel, Turn& turn) {
    give_up(channel.channel, control_backoff, turn);
    if (channel.queued.empty()) return;
    turn.at(channel.channel.retry_at, timer(ZooKeeperTimer::control_send, channel.channel.round,
                                            static_cast<std::uint32_t>(channel.server.value)));
}

void on_control_timer(ZooKeeperController& self, const Timer& due, Turn& turn) {
    ControlChannel* channel = channel_for(self, BrokerSlot{static_cast<std::int32_t>(due.a)});
    if (channel == nullptr || due.round != channel->channel.round) return turn.ignore("stale timer");
    if (static_cast<ZooKeeperTimer>(due.b) == ZooKeeperTimer::control_send)
        return send_orders(*channel, turn);
    const bool waits = channel->channel.in_flight || channel->channel.state == Channel::State::connecting;
    if (waits) order_failed(*channel, turn);
}

namespace zookeeper {

void open_channel(ZooKeeperController& self, BrokerSlot broker) {
    const auto at = std::find_if(self.channels.begin(), self.channels.end(),
                                 [&](const ControlChannel& one) { return !(one.server < broker); });
    if (at != self.channels.end() && at->server == broker) return;
    self.channels.insert(at, ControlChannel{broker, {}, {}});
}

void close_channel(ZooKeeperController& self, BrokerSlot broker, Turn& turn) {
    std::erase_if(self.channels, [&](ControlChannel& one) {
        if (one.server != broker) return false;
        give_up(one.channel, sim::Duration{0}, turn);
        return true;
    });
}

/// The ephemeral nodes' epochs are not told: a leader takes part in no check of them.
/// Source: ControllerBrokerRequestBatch.addUpdateMetadataRequestForBrokers, sendUpdateMetadataRequests.
void order_metadata(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                    Turn& turn) {
    std::vector<MetadataRecord> records;
    for (std::size_t i = 0; i < self.live.size(); ++i)
        records.emplace_back(BrokerRecord{BrokerSlot{static_cast<std::int32_t>(i)}, no_broker_epoch,
                                          self.live[i] == no_broker_epoch, false, 0, 0, no_offset,
                                          BrokerEvent::registered});
    for (const PartitionIndex partition : partitions) {
        if (!exists(self.partitions[index(partition)])) continue;
        PartitionState state = self.partitions[index(partition)];
        if (is_being_deleted(self, partition, turn)) { // LeaderAndIsr.LeaderDuringDelete
            state = not_yet_created();
            state.deleted = true;
        }
        records.emplace_back(PartitionRecord{partition, state, {}, ChangeCause::created, false});
    }
    for (BrokerSlot slot = to.first(); slot != no_slot; slot = to.after(slot))
        enqueue_order(self, slot, ControlKind::update_metadata, records, turn);
}

/// Source: ControllerBrokerRequestBatch.addLeaderAndIsrRequestForBrokers.
void order_roles(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                 Turn& turn) {
    for (BrokerSlot slot = to.first(); slot != no_slot; slot = to.after(slot)) {
        std::vector<MetadataRecord> records;
        for (const PartitionIndex partition : partitions) {
            const bool hosts = replicas_of(self, partition, turn).set().has(slot);
            const bool goes = is_being_deleted(self, partition, turn);
            if (hosts && !goes && exists(self.partitions[index(partition)]))
                records.emplace_back(PartitionRecord{
                    partition, self.partitions[index(partition)], {}, ChangeCause::created, false});
        }
        if (!records.empty())
            enqueue_order(self, slot, ControlKind::leader_and_isr, std::move(records), turn);
    }
}

void order_stop(ZooKeeperController& self, BrokerSlot broker, const std::vector<PartitionIndex>& partitions,
                Turn& turn) {
    std::vector<MetadataRecord> records;
    for (const PartitionIndex partition : partitions)
        records.emplace_back(
            PartitionRecord{partition, self.partitions[index(partition)], {}, ChangeCause::created, false});
    if (!records.empty()) enqueue_order(self, broker, ControlKind::stop_replica, std::move(records), turn);
}

/// Source: ControllerBrokerRequestBatch.addStopReplicaRequestForBrokers: a topic that is deleted has no new
/// epoch, so that LeaderAndIsr.EpochDuringDelete stands in its place.
void order_deletion(ZooKeeperController& self, BrokerSlot broker,
                    const std::vector<PartitionIndex>& partitions, bool topic, Turn& turn) {
    std::vector<MetadataRecord> records;
    for (const PartitionIndex partition : partitions) {
        PartitionState state = self.partitions[index(partition)];
        state.deleted = topic;
        records.emplace_back(PartitionRecord{partition, state, {}, ChangeCause::created, false});
    }
    if (!records.empty()) enqueue_order(self, broker, ControlKind::delete_replica, std::move(records), turn);
}

} // namespace zookeeper

} // namespace kafka
