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
    const bool epochs = turn.configuration.controller_dialect.zookeeper.broker_epochs;
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

void order_answered(ControlChannel& channel, const ControlResponse& response, Turn& turn) {
    if (!channel.channel.in_flight || channel.queued.empty()) return;
    channel.channel.in_flight = false;
    channel.channel.round += 1;
    channel.queued.erase(channel.queued.begin());
    if (response.error == ErrorCode::stale_controller_epoch)
        turn.ignore("STALE_CONTROLLER_EPOCH: the broker obeys a newer controller");
    send_orders(channel, turn);
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
    for (const PartitionIndex partition : partitions)
        if (exists(self.partitions[index(partition)]))
            records.emplace_back(PartitionRecord{
                partition, self.partitions[index(partition)], {}, ChangeCause::created, false});
    for (BrokerSlot slot = to.first(); slot != no_slot; slot = to.after(slot))
        enqueue_order(self, slot, ControlKind::update_metadata, records, turn);
}

/// Source: ControllerBrokerRequestBatch.addLeaderAndIsrRequestForBrokers.
void order_roles(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                 Turn& turn) {
    for (BrokerSlot slot = to.first(); slot != no_slot; slot = to.after(slot)) {
        std::vector<MetadataRecord> records;
        for (const PartitionIndex partition : partitions) {
            const bool hosts = turn.configuration.partition(partition).assignment.set().has(slot);
            if (hosts && exists(self.partitions[index(partition)]))
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

} // namespace zookeeper

} // namespace kafka
