#pragma once
// Records on their way to a leader.

#include "models/settings/settings.hpp"
#include "models/turn/messages/words.hpp"
#include "models/vocabulary/batch.hpp"
#include "models/vocabulary/groups.hpp"
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
struct ProduceRequest { // all transactional batches of one request are of one transaction
    Correlation correlation = 0;
    Acks acks{};
    sim::Duration timeout;
    SlabHandle content;
    TransactionalIdIndex transactional_id = no_transactional_id;
    TransactionSupport support{};
    bool operator==(const ProduceRequest&) const = default;
};
struct ProduceResponse {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const ProduceResponse&) const = default;
};

} // namespace kafka
