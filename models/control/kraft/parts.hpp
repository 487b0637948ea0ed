#pragma once
// Steps of the controller's work that its files share. Not for callers outside this folder.

#include "models/control/kraft/controller.hpp"

namespace kafka::parts {

inline constexpr std::int32_t reply_bytes = 100;

/// A quorum of one: no elections, no replication.
inline bool is_alone(const Turn& turn) { return turn.configuration.controllers.size() == 1; }

// --- metadata_log.cpp ---
void append(Controller& self, const MetadataRecord& record, Turn& turn);
/// Answers when everything appended so far is committed.
void reply_when_committed(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void reply_now(sim::ConnectionId connection, const Mail& mail, Turn& turn);
void drain(Controller& self, Turn& turn);
/// Everything before `to` is committed.
void move_high_watermark(Controller& self, Offset to, Turn& turn);
void take_snapshot(Controller& self);
/// Drops what was appended and not flushed, and every request in progress; `resigns`: whoever waits is told.
void forget_uncommitted(Controller& self, bool resigns, Turn& turn);

// --- fetching.cpp ---
void handle(Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request, Turn& turn);
void complete_fetches(Controller& self, Turn& turn);
void expire_fetch(Controller& self, std::uint32_t round, Turn& turn);
void refuse_fetches(Controller& self, Turn& turn);

// --- activity.cpp ---
/// Becomes the active controller. Sessions of all brokers begin anew.
/// Source: QuorumController.claim, ClusterControlManager.activate; semantics 4.4.3.
void activate(Controller& self, bool first_start, Turn& turn);
/// Source: QuorumController.renounce.
void deactivate(Controller& self, Turn& turn);
void write_idle_record(Controller& self, Turn& turn);

// --- roles.cpp ---
void become_unattached(Controller& self, Epoch epoch, Voter voted, Turn& turn);
void become_follower(Controller& self, Epoch epoch, Voter leader, Turn& turn);
/// Asks for an election: as Prospective where the release has pre-votes, else as Candidate.
void run_for_leader(Controller& self, Turn& turn);
void become_candidate(Controller& self, Turn& turn);
void become_leader(Controller& self, Turn& turn);
void resign(Controller& self, Turn& turn);
void on_role_timer(Controller& self, Turn& turn);
void set_role_timer(Controller& self, sim::Duration length, Turn& turn);
/// A follower's leader has answered. The Timer is the one that began with the role.
void reset_fetch_timer(Controller& self, Turn& turn);
/// What another voter says of epoch and leader.
/// Source: KafkaRaftClient.maybeTransition.
void learn(Controller& self, Epoch epoch, Voter leader, Turn& turn);
void start_voter(Controller& self, bool first_start, Turn& turn);

// --- controller.cpp ---
/// Mail and timers as the raft thread, or the controller's own, takes them.
void take(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void take(Controller& self, const Timer& timer, Turn& turn);

// --- disk.cpp ---
/// Whether the raft thread stands in a write.
bool waits_for_disk(const Controller& self);
/// True when this waits for the raft thread, or cannot be written at all.
bool held_for_disk(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
bool held_for_disk(Controller& self, const Timer& timer, Turn& turn);
void release_waiting(Controller& self, Turn& turn);
void go_on_after_disk(Controller& self, Turn& turn);

// --- voting.cpp ---
void handle(Controller& self, sim::ConnectionId connection, const VoteRequest& request, Turn& turn);
void on_vote(Controller& self, Voter from, const VoteResponse& response, Turn& turn);
/// An election that came to nothing.
void lose_election(Controller& self, bool timed_out, Turn& turn);
bool wants_vote_of(const Controller& self, Voter voter);

// --- leading.cpp ---
void note_voter_fetched(Controller& self, Voter voter, Offset fetch_offset, Turn& turn);
void advance_high_watermark(Controller& self, Turn& turn);
void begin_epoch(Controller& self, Turn& turn);
void handle(Controller& self, sim::ConnectionId connection, const BeginQuorumEpochRequest& request,
            Turn& turn);
void handle(Controller& self, sim::ConnectionId connection, const EndQuorumEpochRequest& request, Turn& turn);
/// Voters without this one, who has most of the log first.
std::array<Voter, EndQuorumEpochRequest::most_voters> successors(const Controller& self);

// --- following.cpp ---
void on_fetched(Controller& self, Voter from, const MetadataFetchResponse& response, Turn& turn);

// --- peers.cpp ---
/// Sends what the present role has to say to a voter, when it can be reached.
void talk_to(Controller& self, Voter voter, Turn& turn);
void talk_to_all(Controller& self, Turn& turn);
/// Answers to what was asked before no longer count.
void forget_requests(Controller& self);
/// False when the connection belongs to no peer.
bool on_peer(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
Peer* peer_on(Controller& self, sim::ConnectionId connection);
void peer_lost(Controller& self, Peer& peer, Turn& turn);
void on_peer_timer(Controller& self, const Timer& due, Turn& turn);

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
                             const Turn& turn, const Assignment* target = nullptr);
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
bool is_in_offline_directory(const Controller& self, PartitionIndex partition, BrokerSlot broker,
                             const Turn& turn);
/// The broker says that these of its log directories have failed.
void take_directories_offline(Controller& self, BrokerSlot broker, std::uint32_t offline, Turn& turn);

/// A periodic task that has more to do runs again after this.
/// Source: PeriodicTask.DEFAULT_IMMEDIATE_PERIOD_NS.
inline constexpr sim::Duration immediate_period = sim::milliseconds(10);

inline Timer timer(ControllerTimer what, std::uint32_t round = 0, std::uint32_t a = 0, std::uint32_t b = 0) {
    return Timer{static_cast<std::uint8_t>(what), round, a, b};
}
inline std::size_t index(Voter voter) { return static_cast<std::size_t>(voter.value); }
inline const MetadataRecord& record_at(const MetadataLog& log, Offset offset) {
    return log.records[static_cast<std::size_t>(distance(log.start, offset))];
}
inline std::size_t index(BrokerSlot broker) { return static_cast<std::size_t>(broker.value); }
inline std::size_t index(PartitionIndex partition) { return static_cast<std::size_t>(partition.value); }
inline std::size_t index(TopicIndex topic) { return static_cast<std::size_t>(topic.value); }
inline BrokerSlot slot_at(std::size_t i) { return BrokerSlot{static_cast<std::int32_t>(i)}; }
inline PartitionIndex partition_at(std::size_t i) { return PartitionIndex{static_cast<std::int32_t>(i)}; }

} // namespace kafka::parts
