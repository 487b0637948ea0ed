#pragma once
// A client that waits for the answer to its request.

#include "models/turn/messages/words.hpp"
#include "sim/physics/link.hpp"

namespace kafka {

/// Shape: nobody waits while the connection is not valid.
struct Waiter {
    sim::ConnectionId connection = sim::no_connection;
    Correlation correlation = 0;
    bool waits() const { return connection.valid(); }
    bool operator==(const Waiter&) const = default;
};

} // namespace kafka
