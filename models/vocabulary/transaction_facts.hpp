#pragma once
// What observers are told of transactions.

#include "models/vocabulary/batch.hpp"
#include "models/vocabulary/errors.hpp"
#include "models/vocabulary/groups.hpp"
#include "models/vocabulary/ids.hpp"

#include <cstdint>

namespace kafka::fact {

struct TransactionBegun { // beginTransaction()
    ProducerIndex producer;
    ProducerId producer_id;
    std::int16_t producer_epoch = -1;
};
struct TransactionPartitionAdded { // by the coordinator
    BrokerSlot broker;
    TransactionalIdIndex transactional_id;
    PartitionIndex partition;
};
struct TransactionChanged { // the coordinator's record of it is committed
    BrokerSlot broker;
    TransactionalIdIndex transactional_id;
    TransactionState state{};
    ProducerId producer_id;
    std::int16_t producer_epoch = -1;
};
struct TransactionEnded { // the application learned the outcome
    ProducerIndex producer;
    bool commit = false;
    ErrorCode error{};
};
struct ProducerFenced { // the application was told that another has its transactional.id
    ProducerIndex producer;
    ErrorCode error{};
};
struct MarkerWritten {
    BrokerSlot broker;
    PartitionIndex partition;
    Offset offset;
    ProducerId producer_id;
    std::int16_t producer_epoch = -1;
    ControlType outcome{};
    Epoch coordinator_epoch;
};
struct LastStableOffsetMoved {
    BrokerSlot broker;
    PartitionIndex partition;
    Offset last_stable_offset;
};

} // namespace kafka::fact
