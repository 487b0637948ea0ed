#pragma once
// What clients ask of any broker.

#include "models/turn/messages/words.hpp"

namespace kafka {

struct MetadataAnswer {
    struct Entry {
        PartitionIndex partition;
        BrokerSlot leader = no_slot;
        Epoch leader_epoch = no_epoch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> partitions; // leader no_slot = LEADER_NOT_AVAILABLE
    BrokerSet alive;               // unfenced brokers
    void clear() {
        partitions.clear();
        alive = {};
    }
    bool operator==(const MetadataAnswer&) const = default;
};
struct MetadataRequest {
    Correlation correlation = 0;
    bool operator==(const MetadataRequest&) const = default;
};
struct MetadataResponse {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const MetadataResponse&) const = default;
};

} // namespace kafka
