// The disk of a controller: who writes to it, and what a full, failed, hung or slow one means.
//
// 1. The disk of the leader hangs. 2. Within metadata.max.idle.interval.ms it has a record to write, and its
// raft thread stands in fsync(). 3. Fetches of voters and brokers are not answered any more, but heartbeats
// of brokers are, by another thread, until one waits for a record. 4. After a fetch time-out the voters elect
// another leader. 5. When the disk goes on, the old leader reads of it in what has waited for it.
// A follower whose disk hangs stops fetching; nobody notices while the others are a majority.
// What cannot be written ends the process. Source: KafkaMetadataLog.appendAsLeader, flush, UnifiedLog
// (KafkaStorageException), FileQuorumStateStore.writeElectionStateToFile (fsync),
// KafkaRaftClientDriver.doWork (the fatal fault handler), ProcessTerminatingFaultHandler (Exit.halt). Leaves
// out: that a leader wakes waiting fetches before it flushes (KafkaRaftClient.flushLeaderLog), so that the
// last records may reach voters although their leader hangs; snapshots, which other threads write; reads of
// the log, which come from the page cache; metadata.log.dir (a combined controller's lies in its first log
// directory). What waits counts as not written: a vote on a hung disk is neither kept nor told.

#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka {

namespace {

bool is_raft_timer(const Timer& timer) {
    const auto what = static_cast<ControllerTimer>(timer.what);
    return what == ControllerTimer::commit || what == ControllerTimer::role ||
           what == ControllerTimer::check_quorum || what == ControllerTimer::begin_epoch;
}

bool is_raft_mail(const Mail& mail) {
    return std::holds_alternative<MetadataFetchRequest>(mail) ||
           std::holds_alternative<MetadataFetchResponse>(mail) || std::holds_alternative<VoteRequest>(mail) ||
           std::holds_alternative<VoteResponse>(mail) ||
           std::holds_alternative<BeginQuorumEpochRequest>(mail) ||
           std::holds_alternative<EndQuorumEpochRequest>(mail) ||
           std::holds_alternative<QuorumEpochResponse>(mail);
}

/// Whether the answer brings records, another epoch or another leader.
bool fetched_writes(const ElectionState& election, const MetadataFetchResponse& answer, Turn& turn) {
    if (answer.epoch > election.epoch) return true;
    const bool carries = answer.error == ErrorCode::none && answer.epoch == election.epoch;
    if (!carries) return answer.leader != election.leader && answer.epoch == election.epoch;
    const bool whole = answer.snapshot || answer.diverging_end != no_offset;
    return whole || !turn.slabs().metadata_records.open(answer.content).records.empty();
}

/// Whether handling this makes the raft thread write: records, a new epoch, a vote, a leader.
/// Shape: a vote that will be refused counts as a write when it could have been given.
bool writes(const Controller& self, const Mail& mail, Turn& turn) {
    const ElectionState& election = self.durable.election;
    const auto is_newer = [&](Epoch epoch, Voter leader) {
        return epoch > election.epoch ||
               (epoch == election.epoch && leader != no_voter && election.leader == no_voter);
    };
    if (const auto* m = std::get_if<MetadataFetchResponse>(&mail)) return fetched_writes(election, *m, turn);
    if (const auto* m = std::get_if<VoteRequest>(&mail)) {
        const bool free = election.voted == no_voter && election.leader == no_voter;
        return m->epoch > election.epoch || (m->epoch == election.epoch && !m->pre_vote && free);
    }
    // The vote that decides makes a candidate, or a leader.
    if (const auto* m = std::get_if<VoteResponse>(&mail)) return m->granted || is_newer(m->epoch, m->leader);
    if (const auto* m = std::get_if<BeginQuorumEpochRequest>(&mail)) return is_newer(m->epoch, m->leader);
    if (const auto* m = std::get_if<EndQuorumEpochRequest>(&mail)) return is_newer(m->epoch, m->leader);
    if (const auto* m = std::get_if<QuorumEpochResponse>(&mail)) return is_newer(m->epoch, m->leader);
    return false;
}

bool writes(const Controller& self, const Timer& timer, Turn& turn) {
    const auto what = static_cast<ControllerTimer>(timer.what);
    if (what == ControllerTimer::commit) return self.durable.drained < log_end_offset(self);
    if (what != ControllerTimer::role || timer.round != self.memory.quorum.round) return false;
    const bool pre_vote = dialect_of(self, turn.configuration).quorum.pre_vote;
    const QuorumRole role = self.memory.quorum.role;
    const bool asks = role == QuorumRole::follower || role == QuorumRole::unattached;
    return role == QuorumRole::resigned || role == QuorumRole::candidate || (asks && !pre_vote);
}

/// The process cannot write any more, and ends.
void give_up_disk(Controller& self, Turn& turn) {
    self.halt_requested = true;
    const bool gone = self.device.failed;
    turn.note(fact::MetadataDirectoryFailed{self.voter, gone ? fact::DirectoryFailure::failed
                                                             : fact::DirectoryFailure::full});
}

/// Puts work into the queue of the raft thread when that stands in a write, or would with this.
template <class Event> bool wait_for_disk(Controller& self, const Event& event, RaftWork work, Turn& turn) {
    RaftThread& thread = self.memory.thread;
    if (!thread.writes) {
        if (self.device == DeviceState{} || !writes(self, event, turn)) return false;
        if (self.device.full || self.device.failed) {
            give_up_disk(self, turn);
            return true;
        }
        thread.writes = true;
        thread.since = turn.now;
        thread.done_at = sim::SimTime::never();
        if (!self.device.hung) {
            const auto owner = turn.configuration.brokers.size() + parts::index(self.voter);
            thread.done_at = turn.now + turn.draw(*self.device.latency, Purpose::disk_latency, owner);
            turn.at(thread.done_at, parts::timer(ControllerTimer::disk_ready));
        }
    }
    thread.waiting.push_back(std::move(work));
    return true;
}

} // namespace

void change_device(Controller& self, DiskTrouble trouble, const std::optional<sim::LatencyTable>& latency,
                   bool over, Turn& turn) {
    if (trouble == DiskTrouble::unreadable) return; // its log is read from the page cache
    set_trouble(self.device, trouble, latency, over);
    if (over) turn.after(sim::Duration{0}, parts::timer(ControllerTimer::disk_ready));
}

void mend_device(Controller& self, Turn& turn) {
    if (self.device == DeviceState{}) return;
    self.device = {};
    turn.after(sim::Duration{0}, parts::timer(ControllerTimer::disk_ready));
}

namespace parts {

bool waits_for_disk(const Controller& self) { return self.memory.thread.writes; }

bool held_for_disk(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (!is_raft_mail(mail)) return false;
    const bool held = wait_for_disk(self, mail, RaftMail{connection, mail}, turn);
    if (self.halt_requested) turn.release(mail);
    return held;
}

bool held_for_disk(Controller& self, const Timer& timer, Turn& turn) {
    return is_raft_timer(timer) && wait_for_disk(self, timer, timer, turn);
}

void release_waiting(Controller& self, Turn& turn) {
    for (const RaftWork& work : self.memory.thread.waiting)
        if (const auto* mail = std::get_if<RaftMail>(&work)) turn.release(mail->mail);
    self.memory.thread = {};
}

namespace {

/// What the thread was about is written. A follower that has fetched counts its time-out from the moment at
/// which it took the answer: after a long write its leader seems to be gone.
/// Source: KafkaRaftClient.handleFetchResponse (currentTimeMs is taken before the append).
void take_written(Controller& self, const RaftWork& work, Turn& turn) {
    const auto* mail = std::get_if<RaftMail>(&work);
    if (mail == nullptr) return take(self, std::get<Timer>(work), turn);
    const bool fetched = std::holds_alternative<MetadataFetchResponse>(mail->mail);
    take(self, mail->connection, mail->mail, turn);
    const QuorumMemory& quorum = self.memory.quorum;
    if (!fetched || quorum.role != QuorumRole::follower || !quorum.has_fetched) return;
    const sim::SimTime due =
        self.memory.thread.since + turn.configuration.controller_settings.quorum.fetch_timeout;
    set_role_timer(self, std::max(sim::Duration{0}, due - turn.now), turn);
}

} // namespace

/// The write under way is over, and the thread goes on with what has waited, to the next write.
void go_on_after_disk(Controller& self, Turn& turn) {
    RaftThread& thread = self.memory.thread;
    if (!thread.writes) return;
    const bool stands =
        self.device.hung || (thread.done_at != sim::SimTime::never() && thread.done_at > turn.now);
    if (stands) return;
    std::vector<RaftWork> waiting;
    waiting.swap(thread.waiting);
    thread.writes = false;
    if (self.device.full || self.device.failed) give_up_disk(self, turn);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        const auto* mail = std::get_if<RaftMail>(&waiting[i]);
        if (self.halt_requested) {
            if (mail != nullptr) turn.release(mail->mail);
        } else if (i == 0) {
            take_written(self, waiting[i], turn);
        } else if (mail != nullptr) {
            on(self, mail->connection, mail->mail, turn);
        } else {
            on(self, std::get<Timer>(waiting[i]), turn);
        }
    }
    if (!thread.writes && !self.halt_requested) talk_to_all(self, turn);
}

} // namespace parts

} // namespace kafka
