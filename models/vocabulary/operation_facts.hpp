#pragma once
// What observers are told of an administrator's undertakings that take time: rolling restarts,
// reassignments, deletions, upgrades.

#include "models/vocabulary/ids.hpp"

#include <cstdint>

namespace kafka::fact {

enum class OperationStep : std::uint8_t {
    began,
    stopping, // roll: the target is told to stop, or killed
    starting, // roll: it is started again
    back,     // roll: what the policy waits for has come
    over,
    gave_up, // its time-out is over
    cancelled,
    refused, // by the controller
};
struct OperationMoved {
    std::int32_t fault = 0;
    OperationStep step{};
    BrokerSlot target = no_slot; // process number, as FaultHappened gives it; -1 = none
    PartitionIndex partition{-1};
};
struct ReplicasChanged { // of a partition, as the controller has it
    PartitionIndex partition;
    Assignment replicas; // with those that are being added or removed
    BrokerSet adding;
    BrokerSet removing;
};
struct FeaturesFinalized { // metadata.version, or inter.broker.protocol.version, and what comes with it
    std::int32_t fault = 0;
};

} // namespace kafka::fact
