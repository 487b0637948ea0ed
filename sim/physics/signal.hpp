#pragma once
// What travels on a connection, and what a process learns from it.

#include "sim/physics/link.hpp"

#include <cstdint>

namespace sim {

/// Something on its way through the network; the queue carries it until its time.
template <class Mail> struct Signal {
    enum class Kind : std::uint8_t {
        mail,
        syn,
        connected,
        refused,
        fin,
        writable,
        retransmit,
        syn_retransmit
    };
    Kind kind = Kind::mail;
    Side to = Side::server;
    ConnectionId connection;
    std::int32_t bytes = 0;
    Mail mail{};
    bool operator==(const Signal&) const = default;
};

/// What a process learns from a signal.
template <class Mail> struct Notice {
    enum class Kind : std::uint8_t { none, mail, connected, refused, disconnected, writable, dropped };
    Kind kind = Kind::none;
    ProcessId process;
    ConnectionId connection;
    Side side = Side::server; // of the process
    Mail mail{};
};

} // namespace sim
