#include "models/broker/parts.hpp"

namespace kafka::parts {

/// Replicas that live in a newly formatted directory are reported to the controller. While the old
/// registration stands, that directory is unknown to it, so it takes the replicas as offline and removes them
/// from the ISR: this is why a real broker with a replaced disk leaves the ISR before its session ends
/// (reference/real R20). Source: AssignmentsManager, ReplicationControlManager.handleAssignReplicasToDirs;
/// KIP-858.
void send_directory_report(Broker& broker, Turn& turn) {
    DirectoryReport& report = broker.memory.directory_report;
    const std::uint64_t first_directory = static_cast<std::uint64_t>(broker.slot.value) + 1;
    if (broker.disk.directory == first_directory || broker.hosted.empty() || report.channel.in_flight) return;
    if (broker.memory.lifecycle.epoch != no_broker_epoch)
        return; // registered with this directory: nothing to say
    if (!ready_for_controller(broker, report.channel, turn)) {
        if (report.channel.state == Channel::State::closed)
            turn.at(report.channel.retry_at, timer(BrokerTimer::directory_send, report.channel.round));
        return;
    }
    const sim::SlabHandle handle = turn.slabs().partitions.acquire();
    turn.slabs().partitions.open(handle).partitions = broker.hosted;
    report.channel.in_flight = true;
    turn.send(report.channel.connection, sim::Side::client,
              AssignReplicasToDirsRequest{broker.slot, broker.disk.directory, handle},
              80 + 20 * static_cast<std::int32_t>(broker.hosted.size()));
}

void on_directory_report(Broker& broker, const AssignReplicasToDirsResponse& response, Turn& turn) {
    Channel& channel = broker.memory.directory_report.channel;
    if (response.error != ErrorCode::not_controller) return turn.ignore("the directories are known");
    give_up(channel, controller_lookup, turn);
    turn.at(channel.retry_at, timer(BrokerTimer::directory_send, channel.round));
}

} // namespace kafka::parts
