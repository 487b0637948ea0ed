// Markers on their way from a transaction's coordinator to the leaders of its partitions.
// Source: TransactionMarkerChannelManager, TransactionMarkerRequestCompletionHandler; semantics 6.8.6.

#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// socket.connection.setup.timeout.ms and reconnect.backoff.ms of the manager's NetworkClient.
constexpr sim::Duration setup_timeout = sim::seconds(10);
constexpr sim::Duration reconnect_backoff = sim::milliseconds(50);

/// Queues it for the leader that this broker's metadata names.
void route(Broker& broker, const MarkerItem& item) {
    const MetadataImage& image = broker.memory.image;
    const BrokerSlot leader = image.partitions[static_cast<std::size_t>(item.entry.partition.value)].leader;
    if (leader == no_slot || !alive_brokers(image).has(leader))
        broker.memory.traffic.leaderless.push_back(item);
    else
        channel_to(broker.memory.traffic.marker_channels, leader).queued.push_back(item);
}

void send_request(Broker& broker, MarkerChannel& to, Turn& turn) {
    const sim::SlabHandle handle = turn.slabs().markers.acquire();
    for (const MarkerItem& item : to.queued)
        turn.slabs().markers.open(handle).entries.push_back(item.entry);
    to.sent.swap(to.queued);
    to.queued.clear();
    to.channel.in_flight = true;
    to.channel.correlation = broker.memory.next_correlation++;
    turn.send(to.channel.connection, sim::Side::client,
              WriteTxnMarkersRequest{to.channel.correlation, handle},
              40 + 30 * static_cast<std::int32_t>(to.sent.size()));
    turn.after(settings_of(broker, turn.configuration).request_timeout,
               transaction_timer(TransactionTimerKind::marker_timeout, to.channel.round,
                                 static_cast<std::uint32_t>(to.server.value)));
}

void pump(Broker& broker, MarkerChannel& to, Turn& turn) {
    std::erase_if(to.queued, [&](const MarkerItem& item) { return !wants_marker(broker, item); });
    if (to.channel.in_flight || to.queued.empty()) return;
    const bool was_closed = to.channel.state == Channel::State::closed;
    const auto slot = static_cast<std::uint32_t>(to.server.value);
    if (ensure_ready(to.channel, Addresses::broker(to.server), LinkKind::replication, turn))
        return send_request(broker, to, turn);
    if (to.channel.state == Channel::State::closed)
        turn.at(to.channel.retry_at,
                transaction_timer(TransactionTimerKind::marker_connect, to.channel.round, slot));
    else if (was_closed)
        turn.after(setup_timeout,
                   transaction_timer(TransactionTimerKind::marker_timeout, to.channel.round, slot));
}

void pump_all(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.memory.traffic.marker_channels.size(); ++i)
        pump(broker, broker.memory.traffic.marker_channels[i], turn);
}

void reroute(Broker& broker, std::vector<MarkerItem>& from, Turn& turn) {
    std::vector<MarkerItem> items;
    items.swap(from);
    for (const MarkerItem& item : items)
        if (wants_marker(broker, item)) route(broker, item);
    pump_all(broker, turn);
}

} // namespace

void order_markers(Broker& broker, const MarkerOrder& order, Turn& turn) {
    const bool exceeds =
        order.bumps_epoch && dialect_of(broker, turn.configuration).transaction.markers_exceed_epoch;
    for (const PartitionIndex partition : order.partitions)
        route(broker, {order.transactional_id,
                       order.round,
                       {order.producer_id, order.producer_epoch, order.outcome, order.coordinator_epoch,
                        partition, exceeds}});
    pump_all(broker, turn);
}

void retry_markers(Broker& broker, Turn& turn) { reroute(broker, broker.memory.traffic.retrying, turn); }

void find_leaders_of_markers(Broker& broker, Turn& turn) {
    if (!broker.memory.traffic.leaderless.empty()) reroute(broker, broker.memory.traffic.leaderless, turn);
}

void markers_connected(Broker& broker, MarkerChannel& channel, Turn& turn) {
    channel.channel.round += 1; // the connection's own timeout is over
    pump(broker, channel, turn);
}

/// What was sent may have been written; it is sent again, maybe to another broker.
void markers_failed(Broker& broker, MarkerChannel& channel, Turn& turn) {
    std::vector<MarkerItem> items;
    items.swap(channel.sent);
    items.insert(items.end(), channel.queued.begin(), channel.queued.end());
    channel.queued.clear();
    reroute(broker, items, turn);
}

void on_markers(Broker& broker, MarkerChannel& channel, const WriteTxnMarkersResponse& response, Turn& turn) {
    const WriteTxnMarkersAnswer answer = turn.slabs().markers_answer.open(response.content);
    turn.slabs().markers_answer.release(response.content);
    if (response.correlation != channel.channel.correlation)
        return turn.ignore("answer to markers that timed out");
    channel.channel.in_flight = false;
    channel.channel.round += 1;
    std::vector<MarkerItem> items;
    items.swap(channel.sent);
    for (const MarkerItem& item : items)
        for (const WriteTxnMarkersAnswer::Entry& entry : answer.entries)
            if (entry.producer_id == item.entry.producer_id && entry.partition == item.entry.partition) {
                marker_answered(broker, item, entry.error, turn);
                break;
            }
    pump_all(broker, turn);
}

void on_marker_timer(Broker& broker, const Timer& due, Turn& turn) {
    MarkerChannel& to =
        channel_to(broker.memory.traffic.marker_channels, BrokerSlot{static_cast<std::int32_t>(due.a)});
    if (due.round != to.channel.round) return turn.ignore("stale timer");
    if (static_cast<TransactionTimerKind>(due.b) == TransactionTimerKind::marker_connect)
        return pump(broker, to, turn);
    if (!to.channel.in_flight && to.channel.state != Channel::State::connecting)
        return turn.ignore("nothing is awaited");
    give_up(to.channel, reconnect_backoff, turn);
    markers_failed(broker, to, turn);
}

} // namespace kafka::parts
