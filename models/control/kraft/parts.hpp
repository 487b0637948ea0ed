#pragma once
// Steps of the controller's work that its files share. Not for callers outside this folder.

#include "models/control/kraft/controller.hpp"

namespace kafka::parts {

// --- metadata_log.cpp ---
void append(Controller& self, const MetadataRecord& record, Turn& turn);
/// Answers when everything appended so far is committed.
void reply_when_committed(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void reply_now(sim::ConnectionId connection, const Mail& mail, Turn& turn);
void commit(Controller& self, Turn& turn);
/// Drops what was appended and not committed, and every request in progress.
void forget_uncommitted(Controller& self, Turn& turn);
void handle(Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request, Turn& turn);
void expire_fetch(Controller& self, std::uint32_t round, Turn& turn);

// --- elections.cpp ---
/// A broker that a change of partitions is about; no_slot where it is not.
struct BrokerChange {
    BrokerSlot removed = no_slot; // leaves the ISR and may not lead
    BrokerSlot added = no_slot;   // may lead, although it is not unfenced yet
    BrokerSlot uncleanly_shut_down =
        no_slot; // leaves the ISR and the eligible leader replicas, and may not lead
};
/// Who may lead a partition.
/// Source: ReplicationControlManager.LeaderAcceptor, generateLeaderAndIsrUpdates.
BrokerSet acceptable_leaders(const Controller& self, PartitionIndex partition, const BrokerChange& about,
                             const Turn& turn);
/// Writes the change of one partition; false when nothing changes.
bool change_partition(Controller& self, PartitionIndex partition, const ChangeRequest& request,
                      const BrokerChange& about, ChangeCause cause, Turn& turn);
void write_partition(Controller& self, PartitionIndex partition, const PartitionState& state,
                     ChangeCause cause, bool unclean, Turn& turn);
/// Removes brokers from one ISR and elects.
/// Source: ReplicationControlManager.generateLeaderAndIsrUpdates.
void update_leader_and_isr(Controller& self, PartitionIndex partition, const BrokerChange& about,
                           ChangeCause cause, Turn& turn);
/// The same for every partition with `broker` in its ISR.
void leave_isrs(Controller& self, BrokerSlot broker, const BrokerChange& about, ChangeCause cause,
                Turn& turn);
/// The same for every partition with `broker` among its eligible leader replicas.
void leave_elrs(Controller& self, BrokerSlot broker, const BrokerChange& about, ChangeCause cause,
                Turn& turn);
void elect_leaderless(Controller& self, BrokerSlot unfenced, Turn& turn);
ElectionType election_type(const Controller& self, PartitionIndex partition, const Turn& turn);
void rebalance_leaders(Controller& self, Turn& turn);
void retry_unclean_elections(Controller& self, Turn& turn);

// --- registration.cpp ---
void handle(Controller& self, sim::ConnectionId connection, const BrokerRegistrationRequest& request,
            Turn& turn);
void write_broker(Controller& self, BrokerSlot broker, BrokerEvent event, Turn& turn);
bool has_valid_session(const Controller& self, BrokerSlot broker, const Turn& turn);

// --- heartbeats.cpp ---
void handle(Controller& self, sim::ConnectionId connection, const BrokerHeartbeatRequest& request,
            Turn& turn);
void fence(Controller& self, BrokerSlot broker, Turn& turn);

// --- sessions.cpp ---
void begin_session_checks(Controller& self, bool first_start, Turn& turn);
void check_sessions(Controller& self, Turn& turn);
/// Makes sure that a session that has just begun will be checked.
void schedule_session_check(Controller& self, Turn& turn);

// --- alter_partition.cpp ---
void handle(Controller& self, sim::ConnectionId connection, const AlterPartitionRequest& request, Turn& turn);

// --- directories.cpp ---
void handle(Controller& self, sim::ConnectionId connection, const AssignReplicasToDirsRequest& request,
            Turn& turn);

/// A periodic task that has more to do runs again after this.
/// Source: PeriodicTask.DEFAULT_IMMEDIATE_PERIOD_NS.
inline constexpr sim::Duration immediate_period = sim::milliseconds(10);

inline Timer timer(ControllerTimer what, std::uint32_t round = 0) {
    return Timer{static_cast<std::uint8_t>(what), round, 0, 0};
}
inline std::size_t index(BrokerSlot broker) { return static_cast<std::size_t>(broker.value); }
inline std::size_t index(PartitionIndex partition) { return static_cast<std::size_t>(partition.value); }
inline std::size_t index(TopicIndex topic) { return static_cast<std::size_t>(topic.value); }
inline BrokerSlot slot_at(std::size_t i) { return BrokerSlot{static_cast<std::int32_t>(i)}; }
inline PartitionIndex partition_at(std::size_t i) { return PartitionIndex{static_cast<std::int32_t>(i)}; }

} // namespace kafka::parts
