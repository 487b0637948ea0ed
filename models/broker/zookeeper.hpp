#pragma once
// What a broker's process keeps for ZooKeeper: its session, who the controller is, and the controller itself.

#include "models/control/zookeeper/controller.hpp"

#include <vector>

namespace kafka {

/// Shape: empty under KRaft.
struct ZooKeeperMember {
    ZooKeeperClient client;
    ZooKeeperController controller;
    BrokerEpoch epoch = no_broker_epoch; // czxid of its node
    Epoch controller_epoch = no_epoch;   // newest that an order has named
    BrokerSlot ordering = no_slot; // who sent it: asked to alter partitions (MetadataCache.getControllerId)
    BrokerSlot elected = no_slot;  // as /controller said: asked to shut down
    Channel shutdown;              // to it
    std::int32_t shutdown_attempts = 0;
    std::uint32_t registration_round = 0;    // of its timer
    std::vector<PartitionIndex> isr_changes; // written and not told yet (isrChangeSet)
    sim::SimTime last_isr_change;
    sim::SimTime last_isr_told;
    bool tells_isr = false; // its timer is set
    bool operator==(const ZooKeeperMember&) const = default;
};

} // namespace kafka
