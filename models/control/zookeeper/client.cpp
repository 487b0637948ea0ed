#include "models/control/zookeeper/client.hpp"

#include <algorithm>

namespace kafka {

namespace {

constexpr std::int32_t request_bytes = 120;
constexpr std::int32_t record_bytes = 150;

sim::Duration session_timeout(BrokerSlot self, const Turn& turn) {
    return turn.configuration.broker(self).settings.zookeeper_session_timeout;
}

/// The next sign of life, or the end of the client's patience, whichever comes first.
void watch_session(ZooKeeperClient& client, BrokerSlot self, Turn& turn) {
    const sim::Duration timeout = session_timeout(self, turn);
    sim::SimTime when = client.last_heard + timeout * 2 / 3;
    if (client.greeted) when = std::min(when, client.last_sent + (timeout / 3 - client.ping_phase));
    turn.at(when, timer(ZooKeeperTimer::session, ++client.round));
}

void transmit(ZooKeeperClient& client, ZooKeeperPending& pending, Turn& turn) {
    ZooKeeperRequest request = pending.request;
    request.session = client.session;
    if (has_content(request)) {
        request.content = turn.slabs().metadata_records.acquire();
        turn.slabs().metadata_records.open(request.content).records = pending.records;
    }
    const auto bytes = request_bytes + record_bytes * static_cast<std::int32_t>(pending.records.size());
    client.last_sent = turn.now;
    turn.send(client.channel.connection, sim::Side::client, request, bytes);
}

} // namespace

void connect_to_ensemble(ZooKeeperClient& client, BrokerSlot self, Turn& turn) {
    client.greeted = false;
    client.last_heard = turn.now;
    const sim::ProcessId ensemble = Addresses::zookeeper(turn.configuration, 0);
    ensure_ready(client.channel, ensemble, LinkKind::control, turn);
    watch_session(client, self, turn);
}

void ask(ZooKeeperClient& client, BrokerSlot self, ZooKeeperPending pending, Turn& turn) {
    pending.request.correlation = client.next_correlation++;
    pending.request.broker = self;
    client.calls.push_back(std::move(pending));
    if (client.greeted) transmit(client, client.calls.back(), turn);
}

void ensemble_connected(ZooKeeperClient& client, BrokerSlot self, Turn& turn) {
    client.channel.state = Channel::State::ready;
    ZooKeeperRequest request;
    request.call = ZooKeeperCall::connect;
    request.broker = self;
    request.session = client.session;
    request.timeout = session_timeout(self, turn);
    client.last_sent = turn.now;
    turn.send(client.channel.connection, sim::Side::client, request, request_bytes);
}

/// Source: ClientCnxn.SendThread.startConnect: up to a second passes before the next attempt.
void ensemble_lost(ZooKeeperClient& client, BrokerSlot self, Turn& turn) {
    const std::uint64_t bits =
        turn.draw(Purpose::zookeeper_reconnect, static_cast<std::uint64_t>(self.value));
    give_up(client.channel, sim::Duration{static_cast<std::int64_t>(sim::below(bits, 1000000))}, turn);
    client.greeted = false;
    client.round += 1;
    turn.at(client.channel.retry_at, timer(ZooKeeperTimer::reconnect, client.channel.round));
}

ZooKeeperNews hear(ZooKeeperClient& client, BrokerSlot self, const ZooKeeperResponse& response, Turn& turn) {
    using Kind = ZooKeeperNews::Kind;
    client.last_heard = turn.now;
    if (response.error == ZooKeeperError::session_expired) {
        give_up(client.channel, sim::Duration{0}, turn);
        client.greeted = false;
        client.session = no_session;
        return {Kind::session_expired};
    }
    if (response.call == ZooKeeperCall::connect) {
        const bool goes_on = client.session == response.session;
        client.session = response.session;
        client.greeted = true;
        watch_session(client, self, turn);
        for (ZooKeeperPending& pending : client.calls)
            transmit(client, pending, turn);
        return {goes_on ? Kind::session_goes_on : Kind::session_began};
    }
    if (client.calls.empty() || client.calls.front().request.correlation != response.correlation)
        return {}; // a ping's
    ZooKeeperNews news{Kind::answer, std::move(client.calls.front())};
    client.calls.erase(client.calls.begin());
    return news;
}

void on_session_timer(ZooKeeperClient& client, BrokerSlot self, const Timer& due, Turn& turn) {
    if (static_cast<ZooKeeperTimer>(due.b) == ZooKeeperTimer::reconnect) {
        if (due.round != client.channel.round) return turn.ignore("stale timer");
        return connect_to_ensemble(client, self, turn);
    }
    if (due.round != client.round) return turn.ignore("stale timer");
    const sim::Duration timeout = session_timeout(self, turn);
    if (turn.now - client.last_heard >= timeout * 2 / 3) return ensemble_lost(client, self, turn);
    if (client.greeted && turn.now - client.last_sent >= timeout / 3 - client.ping_phase) {
        client.ping_phase = sim::Duration{0};
        ZooKeeperPending ping;
        ping.request.call = ZooKeeperCall::ping;
        ping.request.broker = self;
        transmit(client, ping, turn);
    }
    watch_session(client, self, turn);
}

} // namespace kafka
