#pragma once
// Records on their way to a leader.

#include "models/settings/settings.hpp"
#include "models/turn/messages/words.hpp"
#include "models/vocabulary/batch.hpp"
#include "sim/core/time.hpp"

namespace kafka {

struct ProduceContent {
    struct Entry {
        PartitionIndex partition;
        Batch batch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const ProduceContent&) const = default;
};
struct ProduceAnswer {
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        Offset base_offset = no_offset;
        BrokerSlot leader_hint = no_slot;
        Epoch leader_epoch_hint = no_epoch; // KIP-951
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const ProduceAnswer&) const = default;
};
struct ProduceRequest {
    Correlation correlation = 0;
    Acks acks{};
    sim::Duration timeout;
    SlabHandle content;
    bool operator==(const ProduceRequest&) const = default;
};
struct ProduceResponse {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const ProduceResponse&) const = default;
};

} // namespace kafka
