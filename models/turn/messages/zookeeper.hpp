#pragma once
// Between brokers and the ZooKeeper ensemble, and between the controller of that era and the brokers. Lists
// of nodes travel as MetadataRecords: a BrokerRecord is a node under /brokers/ids, a PartitionRecord a
// partition's state node, whose version stands as its partition epoch.

#include "models/turn/messages/words.hpp"
#include "sim/core/time.hpp"

namespace kafka {

using SessionId = sim::Strong<struct SessionIdTag>;
inline constexpr SessionId no_session{-1};

/// What a broker asks of the ensemble. Source: KafkaZkClient, ZooKeeperClient (1.1); ZkUtils before.
enum class ZooKeeperCall : std::uint8_t {
    connect,            // a new session, or this one goes on over another connection
    ping,               // a sign of life
    close,              // the session ends, and its ephemeral nodes go
    register_broker,    // creates the ephemeral /brokers/ids/<id>
    elect_controller,   // creates the ephemeral /controller and counts /controller_epoch
    read,               // nodes named by `nodes`, which are watched from then on
    write_partitions,   // state nodes, each only in the version that its record names
    notify_isr_changes, // creates /isr_change_notification/isr_change_<n>
    write_assignments,  // topic nodes: replicas, and who of them is added or removed
    delete_topics,      // /brokers/topics/<topic> with all that is below, and /admin/delete_topics/<topic>
    clear_admin_nodes,  // entries under /admin that have been dealt with
    notify_directory,   // creates /log_dir_event_notification/log_dir_event_<n>
};
/// Nodes that can be read and watched, as bits. A watch fires once.
enum class ZooKeeperNodes : std::uint8_t {
    controller = 1,
    brokers = 2,
    partitions = 4,
    isr_changes = 8,
    configs = 16,
    admin = 32,       // /admin/reassign_partitions, delete_topics, preferred_replica_election
    directories = 64, // /log_dir_event_notification
    moving = 128,     // state nodes of partitions whose replicas are being reassigned
};
constexpr std::uint8_t bit(ZooKeeperNodes nodes) { return static_cast<std::uint8_t>(nodes); }

enum class ZooKeeperError : std::uint8_t {
    none,
    session_expired,
    node_exists,
    controller_moved, // the version of /controller_epoch is another one
};

struct ZooKeeperRequest { // content: MetadataRecords, of writes and notify_isr_changes
    Correlation correlation = 0;
    ZooKeeperCall call{};
    std::uint8_t nodes = 0; // read
    BrokerSlot broker;
    Epoch controller_epoch = no_epoch; // write_partitions: of the controller that writes; no_epoch = a leader
    SessionId session = no_session;
    sim::Duration timeout{0};      // connect
    std::uint64_t incarnation = 0; // register_broker
    SlabHandle content;
    bool operator==(const ZooKeeperRequest&) const = default;
};
struct ZooKeeperResponse { // content: AlterPartitionAnswer of write_partitions, MetadataRecords of read
    Correlation correlation = 0;
    ZooKeeperCall call{};
    ZooKeeperError error{};
    std::uint8_t nodes = 0;
    BrokerSlot controller = no_slot; // elect_controller: who is
    Epoch controller_epoch = no_epoch;
    SessionId session = no_session;
    BrokerEpoch epoch = no_broker_epoch; // register_broker: the node's czxid
    SlabHandle content;
    bool operator==(const ZooKeeperResponse&) const = default;
};
struct ZooKeeperEvent { // a watch fires
    ZooKeeperNodes nodes{};
    bool operator==(const ZooKeeperEvent&) const = default;
};
/// Whether the mail's content must be released, and is a list of answers rather than of records.
constexpr bool has_content(const ZooKeeperRequest& request) {
    return request.call == ZooKeeperCall::write_partitions ||
           request.call == ZooKeeperCall::notify_isr_changes ||
           request.call == ZooKeeperCall::write_assignments || request.call == ZooKeeperCall::delete_topics ||
           request.call == ZooKeeperCall::clear_admin_nodes;
}
constexpr bool has_content(const ZooKeeperResponse& response) {
    const bool lists =
        response.call == ZooKeeperCall::write_partitions || response.call == ZooKeeperCall::read;
    return lists && response.error == ZooKeeperError::none;
}

/// What the controller orders. Source: LeaderAndIsrRequest, UpdateMetadataRequest, StopReplicaRequest.
enum class ControlKind : std::uint8_t {
    leader_and_isr,
    update_metadata,
    stop_replica,
    delete_replica, // StopReplica with deletePartition
};
struct ControlRequest { // content: MetadataRecords
    ControlKind kind{};
    BrokerSlot controller;
    Epoch controller_epoch;
    BrokerEpoch broker_epoch = no_broker_epoch; // KIP-380; -1 = not given
    SlabHandle content;
    bool operator==(const ControlRequest&) const = default;
};
struct ControlResponse { // content: AlterPartitionAnswer, the partitions that failed; only when some did
    ControlKind kind{};
    ErrorCode error{};
    bool some_failed = false;
    SlabHandle content{};
    bool operator==(const ControlResponse&) const = default;
};
struct ControlledShutdownRequest {
    BrokerSlot broker;
    BrokerEpoch epoch = no_broker_epoch;
    bool operator==(const ControlledShutdownRequest&) const = default;
};
struct ControlledShutdownResponse { // how many partitions the broker still leads
    ErrorCode error{};
    std::int32_t remaining = 0;
    bool operator==(const ControlledShutdownResponse&) const = default;
};

} // namespace kafka
