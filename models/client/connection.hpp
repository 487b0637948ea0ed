#pragma once
// What a client keeps of its connection to one broker.

#include "models/turn/turn.hpp"

namespace kafka {

/// Back-offs and limits of connections, as a client's settings give them.
struct ConnectionSettings {
    sim::Duration reconnect_backoff;
    sim::Duration reconnect_backoff_max;
    sim::Duration setup_timeout;
    sim::Duration setup_timeout_max;
};

/// Connection to one broker. Source: NetworkClient, ClusterConnectionStates; semantics 6.5.4.
struct NodeConnection {
    enum class State : std::uint8_t { closed, connecting, ready };
    State state = State::closed;
    sim::ConnectionId connection;
    std::int32_t failures = 0;                           // connection attempts in a row that failed
    sim::SimTime retry_at;                               // no new attempt before
    sim::SimTime setup_deadline = sim::SimTime::never(); // of the attempt under way
    bool operator==(const NodeConnection&) const = default;
};

/// Begins a connection when the back-off is over. True when it is ready to send on.
bool ensure_ready(NodeConnection& node, BrokerSlot broker, const ConnectionSettings& settings, Turn& turn);
/// The attempt failed, or the connection was lost: back-off grows by doubling, with 20 % of jitter either
/// way. Source: ClusterConnectionStates.disconnected, ExponentialBackoff (jitter 0.2).
void mark_lost(NodeConnection& node, const ConnectionSettings& settings, Turn& turn);
void mark_ready(NodeConnection& node);
/// Closes on purpose (a request timed out); the same back-off applies.
void close(NodeConnection& node, const ConnectionSettings& settings, Turn& turn);

/// `base` doubled `attempts` times up to `longest`, then 20 % jitter by a draw. Source: ExponentialBackoff.
sim::Duration backoff(sim::Duration base, sim::Duration longest, std::int32_t attempts, std::uint64_t bits);

} // namespace kafka
