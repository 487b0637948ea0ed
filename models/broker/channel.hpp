#pragma once
// A broker as client of another process.

#include "models/turn/turn.hpp"

#include <cstdint>

namespace kafka {

/// A connection of this broker to a server, with its back-off. Source: NodeToControllerRequestThread,
/// BrokerBlockingSender.
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

} // namespace kafka
