#pragma once
// A broker's client of the ensemble: its session, what it has asked and not heard, and its signs of life.

#include "models/turn/channel.hpp"
#include "models/turn/turn.hpp"

#include <optional>
#include <vector>

namespace kafka {

/// Timers of all that a broker does with ZooKeeper; `b` says which, `a` is a broker's slot.
enum class ZooKeeperTimer : std::uint8_t {
    session, // a ping, or nothing was heard for too long
    reconnect,
    register_again,
    propagate_isr,
    shutdown_again,
    shutdown_timeout,
    control_send, // to the broker `a`
    control_timeout,
    rebalance,
};
/// Its number among the broker's timers.
inline constexpr std::uint8_t zookeeper_timer_number = 27;
inline Timer timer(ZooKeeperTimer what, std::uint32_t round = 0, std::uint32_t a = 0) {
    return Timer{zookeeper_timer_number, round, a, static_cast<std::uint32_t>(what)};
}

/// Who waits for the answer: the session itself, the leader of partitions, or the controller in the process.
enum class CallOf : std::uint8_t { session, leader, controller };
struct ZooKeeperPending {
    ZooKeeperRequest request;
    CallOf of{};
    std::vector<MetadataRecord> records; // its content, to send it once more
    bool operator==(const ZooKeeperPending&) const = default;
};

/// Requests are sent at once and answered in order. What was not answered when the connection was lost is
/// asked again on the next one; when the session has ended it is given up. Source: ClientCnxn (readTimeout =
/// 2/3 of the session, a ping after 1/3 without a request), KafkaZkClient (retryRequestsUntilConnected);
/// ZkClient before 1.1.
struct ZooKeeperClient {
    Channel channel;
    SessionId session = no_session;
    bool greeted = false; // the session goes on over this connection
    sim::SimTime last_heard;
    sim::SimTime last_sent;
    std::uint32_t round = 0;  // of the session timer
    sim::Duration ping_phase; // of a session that began before the run: the first ping comes so much earlier
    Correlation next_correlation = 1;
    std::vector<ZooKeeperPending> calls; // in order
    bool operator==(const ZooKeeperClient&) const = default;
};

/// What an answer means to the process.
struct ZooKeeperNews {
    enum class Kind : std::uint8_t {
        nothing,
        session_began,
        session_goes_on,
        session_expired,
        answer
    } kind{};
    std::optional<ZooKeeperPending> call{}; // answer
};

/// Connects, with the session that there is, or for a new one.
void connect_to_ensemble(ZooKeeperClient& client, BrokerSlot self, Turn& turn);
/// Asks. Shape: `request` needs call, nodes and what belongs to the call; the client fills in the rest.
void ask(ZooKeeperClient& client, BrokerSlot self, ZooKeeperPending pending, Turn& turn);
/// The connection is there: greets the ensemble.
void ensemble_connected(ZooKeeperClient& client, BrokerSlot self, Turn& turn);
void ensemble_lost(ZooKeeperClient& client, BrokerSlot self, Turn& turn);
ZooKeeperNews hear(ZooKeeperClient& client, BrokerSlot self, const ZooKeeperResponse& response, Turn& turn);
void on_session_timer(ZooKeeperClient& client, BrokerSlot self, const Timer& due, Turn& turn);

} // namespace kafka
