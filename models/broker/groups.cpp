// Between the broker and its group coordinator.

#include "models/broker/parts.hpp"

namespace kafka::parts {

/// Leaves out: group coordination; until they exist nobody sends such a request, and whoever did would hear
/// nothing.
bool handle_group_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    (void)broker;
    (void)connection;
    (void)mail;
    (void)turn;
    return false;
}

/// Leaves out: the coordinator's state; only the log and its loading exist.
void groups_loaded(Broker& broker, const CoordinatedPartition& partition,
                   std::span<const LoadedBatch> batches, Turn& turn) {
    (void)broker;
    (void)partition;
    if (!batches.empty())
        turn.ignore("group coordination is not modelled: the loaded records have no reader");
}

void groups_resigned(Broker& broker, const CoordinatedPartition& partition, Turn& turn) {
    (void)broker;
    (void)partition;
    (void)turn;
}

void groups_appended(Broker& broker, const AppendResult& result, Turn& turn) {
    (void)broker;
    (void)result;
    turn.ignore("group coordination is not modelled: nobody waits for this append");
}

void on_group_timer(Broker& broker, const Timer& timer, Turn& turn) {
    (void)broker;
    (void)timer;
    turn.ignore("group coordination is not modelled: no such timer");
}

} // namespace kafka::parts
