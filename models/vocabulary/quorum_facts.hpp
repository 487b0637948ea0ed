#pragma once
// What observers are told of the KRaft quorum, and of the controller under ZooKeeper.

#include "models/vocabulary/ids.hpp"

namespace kafka::fact {

/// Source: QuorumState.
enum class QuorumRole : std::uint8_t { unattached, prospective, candidate, follower, leader, resigned };
struct QuorumRoleChanged { // leader: of the epoch, as this voter knows it
    Voter voter;
    QuorumRole role{};
    Epoch epoch;
    Voter leader = no_voter;
};
struct ControllerActivated { // or it has given up
    Voter voter;
    Epoch epoch;
    bool active = false;
};
struct MetadataCommitted { // the leader of the quorum moved its high watermark
    Voter voter;
    Epoch epoch;
    Offset high_watermark;
};
struct MetadataTruncated { // a voter cut its copy of the metadata log
    Voter voter;
    Offset from;
    Offset to;
};
struct MetadataSnapshotLoaded {
    Voter voter;
    Offset end;
};
/// ZooKeeper: the broker has read everything and decides from now on; or it has resigned.
struct ControllerChanged {
    BrokerSlot broker;
    Epoch epoch; // /controller_epoch
    bool active = false;
};

} // namespace kafka::fact
