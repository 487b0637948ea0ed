#pragma once
// A connection of a process to a server of the cluster, with its back-off.

#include "models/turn/turn.hpp"

namespace kafka {

/// Source: NodeToControllerRequestThread, BrokerBlockingSender, KafkaNetworkChannel.
struct Channel {
    enum class State : std::uint8_t { closed, connecting, ready };
    State state = State::closed;
    sim::ConnectionId connection;
    bool in_flight = false;
    Correlation correlation = 0; // of the request in flight
    std::int32_t failures = 0;   // in a row
    sim::SimTime retry_at;       // not before
    std::uint32_t round = 0;     // of its timers
    bool operator==(const Channel&) const = default;
};

/// Opens the channel when it is closed and its back-off is over. True when it is ready to send on.
bool ensure_ready(Channel& channel, sim::ProcessId server, LinkKind kind, Turn& turn);
/// Closes the channel and backs off for `backoff`.
void give_up(Channel& channel, sim::Duration backoff, Turn& turn);
/// The other side closed or refused: the channel is closed; back-off as above.
void mark_closed(Channel& channel, sim::Duration backoff, Turn& turn);

} // namespace kafka
