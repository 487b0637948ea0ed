#pragma once
// What a group coordinator may do in its turn, and the steps that its files share.

#include "models/group/coordinator.hpp"
#include "models/turn/turn.hpp"

#include <span>

namespace kafka {

enum class GroupTimerKind : std::uint8_t {
    session,
    pending_member,
    initial_join,
    join,
    sync,
    flush,
    member_session,    // KIP-848
    member_revocation, // KIP-848
    expiry,            // of offsets
};

struct GroupReply {
    Waiter waiter;
    Mail mail;
    std::int32_t bytes = 0;
};
struct GroupAppend {
    PartitionIndex partition;
    std::vector<CoordinatorRecord> records;
    std::uint32_t round = 0;
    ProducerId producer_id = no_producer_id; // of a transaction's offsets, else none
    std::int16_t producer_epoch = -1;
    bool with_too_few_replicas = false; // appended also below min.insync.replicas
};
/// Shape: `key` is the group's index, of flush and expiry the partition's.
struct GroupTimer {
    sim::SimTime at;
    GroupTimerKind what{};
    std::int32_t key = -1;
    std::uint32_t round = 0;
};

/// One turn of a coordinator: what it may ask, and what it wants done. The broker carries it out.
struct GroupTurn {
    Turn& turn; // for the time, the contents of mail, draws and facts
    BrokerSlot broker;
    const GroupCoordinatorSettings& settings;
    const Dialect& dialect;
    Offset high_watermark;                      // of the offsets partition at hand
    std::span<const PartitionState> partitions; // as the broker's metadata says
    std::vector<GroupReply> replies;
    std::vector<GroupAppend> appends;
    std::vector<GroupTimer> timers;

    sim::SimTime now() const { return turn.now; }
};

/// How an append of a batch ended. `error` is the log's, `answer` what clients are told.
struct GroupAppended {
    std::uint32_t round = 0;
    Offset base_offset = no_offset;
    ErrorCode error{};
    ErrorCode answer{};
    BrokerSet in_sync; // maximal ISR of the offsets partition then
};

/// A batch of the offsets partition as it is loaded.
struct LoadedGroupBatch {
    Offset base_offset;
    ProducerId producer_id = no_producer_id; // of a transaction, else none
    ControlType control = ControlType::none;
    std::span<const CoordinatorRecord> records;
};

/// The pieces of one step on one group.
struct GroupStep {
    GroupCoordinator& coordinator;
    Group& group;
    GroupTurn& turn;
};

// --- coordinator.cpp ---
Group* find_group(GroupCoordinator& self, GroupIndex index);
Group& find_or_add_group(GroupCoordinator& self, GroupIndex index);
/// Appends the records; `complete` follows when they are committed or cannot be.
void write(GroupCoordinator& self, Write write, GroupTurn& turn);
void append_ended(GroupCoordinator& self, const GroupAppended& result, GroupTurn& turn);
void on_timer(GroupCoordinator& self, GroupTimerKind what, std::int32_t key, std::uint32_t round,
              GroupTurn& turn);
/// The partition is loaded: its groups exist, their members' sessions begin anew.
void load(GroupCoordinator& self, PartitionIndex partition, std::span<const LoadedGroupBatch> batches,
          GroupTurn& turn);
/// The partition has another leader: whoever waits is sent there.
void unload(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn);

inline void reply(GroupTurn& turn, Waiter& waiter, const Mail& mail, std::int32_t bytes) {
    if (waiter.waits())
        turn.replies.push_back({waiter, mail, bytes});
    else
        turn.turn.release(mail);
    waiter = {};
}

} // namespace kafka
