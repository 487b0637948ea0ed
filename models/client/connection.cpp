#include "models/client/connection.hpp"

#include <algorithm>

namespace kafka {

sim::Duration backoff(sim::Duration base, sim::Duration longest, std::int32_t attempts, std::uint64_t bits) {
    if (base == longest) return base; // releases with a constant back-off
    std::int64_t grown = base.micros;
    for (std::int32_t i = 0; i < attempts && grown < longest.micros; ++i)
        grown *= 2;
    grown = std::min(grown, longest.micros);
    const std::int64_t spread = grown / 5;
    const auto jitter =
        static_cast<std::int64_t>(sim::below(bits, static_cast<std::uint64_t>(2 * spread + 1)));
    return sim::Duration{std::min(grown - spread + jitter, longest.micros)};
}

bool ensure_ready(NodeConnection& node, BrokerSlot broker, const ConnectionSettings& settings, Turn& turn) {
    if (node.state == NodeConnection::State::ready) return true;
    if (node.state == NodeConnection::State::connecting || node.retry_at > turn.now) return false;
    node.connection = turn.open(Addresses::broker(broker), LinkKind::client);
    node.state = NodeConnection::State::connecting;
    sim::Duration limit = settings.setup_timeout;
    for (std::int32_t i = 0; i < node.failures && limit < settings.setup_timeout_max; ++i)
        limit = limit * 2;
    node.setup_deadline =
        turn.now + std::min(limit, std::max(settings.setup_timeout, settings.setup_timeout_max));
    return false;
}

void mark_lost(NodeConnection& node, const ConnectionSettings& settings, Turn& turn) {
    const std::uint64_t bits = turn.draw(Purpose::reconnect_jitter, turn.self().value);
    node.retry_at =
        turn.now + backoff(settings.reconnect_backoff, settings.reconnect_backoff_max, node.failures, bits);
    node.state = NodeConnection::State::closed;
    node.connection = sim::no_connection;
    node.setup_deadline = sim::SimTime::never();
    node.failures += 1;
}

void mark_ready(NodeConnection& node) {
    node.state = NodeConnection::State::ready;
    node.failures = 0;
    node.setup_deadline = sim::SimTime::never();
}

void close(NodeConnection& node, const ConnectionSettings& settings, Turn& turn) {
    if (node.connection.valid()) turn.close(node.connection, sim::Side::client);
    mark_lost(node, settings, turn);
}

} // namespace kafka
