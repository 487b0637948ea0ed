#pragma once
// Between producers, transaction coordinators and the leaders of data partitions.

#include "models/turn/messages/words.hpp"
#include "models/vocabulary/batch.hpp"
#include "models/vocabulary/groups.hpp"
#include "sim/core/time.hpp"

namespace kafka {

/// Without a transactional id any broker answers. `producer_id` and `producer_epoch` ask for an epoch bump
/// (KIP-360).
struct InitProducerIdRequest {
    Correlation correlation = 0;
    TransactionalIdIndex transactional_id = no_transactional_id;
    sim::Duration timeout{0}; // transaction.timeout.ms
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    ProducerIndex producer; // the principal, for its permissions
    bool operator==(const InitProducerIdRequest&) const = default;
};
struct InitProducerIdResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    ProducerId producer_id;
    std::int16_t producer_epoch = 0;
    bool operator==(const InitProducerIdResponse&) const = default;
};
struct AddPartitionsToTxnRequest { // content: PartitionList; verify_only comes from brokers (KIP-890)
    Correlation correlation = 0;
    TransactionalIdIndex transactional_id = no_transactional_id;
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    bool verify_only = false;
    SlabHandle content;
    bool operator==(const AddPartitionsToTxnRequest&) const = default;
};
struct AddPartitionsToTxnResponse { // content: PartitionErrors, always
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const AddPartitionsToTxnResponse&) const = default;
};
struct AddOffsetsToTxnRequest {
    Correlation correlation = 0;
    TransactionalIdIndex transactional_id = no_transactional_id;
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    GroupIndex group = no_group;
    bool operator==(const AddOffsetsToTxnRequest&) const = default;
};
struct AddOffsetsToTxnResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    bool operator==(const AddOffsetsToTxnResponse&) const = default;
};
struct EndTxnRequest {
    Correlation correlation = 0;
    TransactionalIdIndex transactional_id = no_transactional_id;
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    bool commit = false;
    bool bumps_epoch = false; // transaction.version 2 (KIP-890)
    bool operator==(const EndTxnRequest&) const = default;
};
struct EndTxnResponse { // id and epoch for the next transaction, with transaction.version 2
    Correlation correlation = 0;
    ErrorCode error{};
    std::int16_t producer_epoch = -1;
    ProducerId producer_id = no_producer_id;
    bool operator==(const EndTxnResponse&) const = default;
};
struct TxnOffsetCommitRequest { // content: OffsetContent; to the group's coordinator
    Correlation correlation = 0;
    TransactionalIdIndex transactional_id = no_transactional_id;
    GroupIndex group = no_group;
    InstanceIndex instance = no_instance;
    ProducerId producer_id = no_producer_id;
    MemberId member = no_member;
    Generation generation = no_generation;
    SlabHandle content;
    std::int16_t producer_epoch = -1;
    TransactionSupport support{};
    bool operator==(const TxnOffsetCommitRequest&) const = default;
};
struct TxnOffsetCommitResponse { // content: PartitionErrors, always
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const TxnOffsetCommitResponse&) const = default;
};
struct WriteTxnMarkersContent {
    struct Entry {
        ProducerId producer_id = no_producer_id;
        std::int16_t producer_epoch = -1;
        ControlType outcome = ControlType::none;
        Epoch coordinator_epoch = no_epoch;
        PartitionIndex partition;
        bool bumps_epoch = false; // transaction.version 2 (v2 of 4.2, KIP-1228)
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const WriteTxnMarkersContent&) const = default;
};
struct WriteTxnMarkersRequest {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const WriteTxnMarkersRequest&) const = default;
};
struct WriteTxnMarkersAnswer {
    struct Entry {
        ProducerId producer_id = no_producer_id;
        PartitionIndex partition;
        ErrorCode error{};
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const WriteTxnMarkersAnswer&) const = default;
};
struct WriteTxnMarkersResponse { // content always
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const WriteTxnMarkersResponse&) const = default;
};

} // namespace kafka
