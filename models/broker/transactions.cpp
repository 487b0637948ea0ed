// Between the broker and its transaction coordinator.

#include "models/broker/parts.hpp"

namespace kafka::parts {

/// Leaves out: transactions; until they exist nobody sends such a request, and whoever did would hear
/// nothing.
bool handle_transaction_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    (void)broker;
    (void)connection;
    (void)mail;
    (void)turn;
    return false;
}

/// Leaves out: the coordinator's state; only the log and its loading exist.
void transactions_loaded(Broker& broker, const CoordinatedPartition& partition,
                         std::span<const LoadedBatch> batches, Turn& turn) {
    (void)broker;
    (void)partition;
    if (!batches.empty()) turn.ignore("transactions is not modelled: the loaded records have no reader");
}

void transactions_resigned(Broker& broker, const CoordinatedPartition& partition, Turn& turn) {
    (void)broker;
    (void)partition;
    (void)turn;
}

void transactions_appended(Broker& broker, const AppendResult& result, Turn& turn) {
    (void)broker;
    (void)result;
    turn.ignore("transactions is not modelled: nobody waits for this append");
}

void on_transaction_timer(Broker& broker, const Timer& timer, Turn& turn) {
    (void)broker;
    (void)timer;
    turn.ignore("transactions is not modelled: no such timer");
}

} // namespace kafka::parts
