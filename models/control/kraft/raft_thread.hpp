#pragma once
// The one thread of a voter that writes its log and quorum-state: what waits for it while it waits for the
// disk.

#include "models/turn/device.hpp"
#include "models/turn/turn.hpp"

#include <variant>
#include <vector>

namespace kafka {

/// A message in the queue of the raft thread.
struct RaftMail {
    sim::ConnectionId connection;
    Mail mail;
    bool operator==(const RaftMail&) const = default;
};
using RaftWork = std::variant<RaftMail, Timer>;

/// Source: KafkaRaftClientDriver (one thread), KafkaRaftClient.poll, RaftMessageQueue.
struct RaftThread {
    std::vector<RaftWork> waiting; // the first is what the thread is about, when it writes
    bool writes = false;           // it stands in write() or fsync() for the first
    sim::SimTime since;            // it does so
    sim::SimTime done_at;          // on a slow disk; never = until the disk is well
    bool operator==(const RaftThread&) const = default;
};

} // namespace kafka
