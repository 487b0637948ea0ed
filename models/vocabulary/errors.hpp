#pragma once
// Kafka's protocol errors and the client exceptions that end a record's life.

#include <cstdint>
#include <string_view>

namespace kafka {

/// Protocol errors that the models use, with Kafka's own codes. Source: Errors, facts/kafka-errors.tsv.
enum class ErrorCode : std::int16_t {
    unknown_server_error = -1,
    none = 0,
    offset_out_of_range = 1,
    corrupt_message = 2,
    unknown_topic_or_partition = 3,
    leader_not_available = 5,
    not_leader_or_follower = 6,
    request_timed_out = 7,
    message_too_large = 10,
    stale_controller_epoch = 11,
    network_exception = 13,
    coordinator_load_in_progress = 14,
    coordinator_not_available = 15,
    not_coordinator = 16,
    not_enough_replicas = 19,
    not_enough_replicas_after_append = 20,
    illegal_generation = 22,
    inconsistent_group_protocol = 23,
    invalid_group_id = 24,
    unknown_member_id = 25,
    invalid_session_timeout = 26,
    rebalance_in_progress = 27,
    invalid_commit_offset_size = 28,
    topic_authorization_failed = 29,
    group_authorization_failed = 30,
    cluster_authorization_failed = 31,
    invalid_timestamp = 32,
    not_controller = 41,
    invalid_request = 42,
    out_of_order_sequence_number = 45,
    duplicate_sequence_number = 46,
    invalid_producer_epoch = 47,
    invalid_txn_state = 48,
    invalid_producer_id_mapping = 49,
    invalid_transaction_timeout = 50,
    concurrent_transactions = 51,
    transaction_coordinator_fenced = 52,
    transactional_id_authorization_failed = 53,
    operation_not_attempted = 55,
    kafka_storage_error = 56,
    unknown_producer_id = 59,
    fenced_leader_epoch = 74,
    unknown_leader_epoch = 75,
    stale_broker_epoch = 77,
    offset_not_available = 78,
    member_id_required = 79,
    preferred_leader_not_available = 80,
    group_max_size_reached = 81,
    fenced_instance_id = 82,
    eligible_leaders_not_available = 83,
    election_not_needed = 84,
    invalid_record = 87,
    unstable_offset_commit = 88,
    producer_fenced = 90,
    invalid_update_version = 95,
    duplicate_broker_registration = 101,
    broker_id_not_registered = 102,
    ineligible_replica = 107,
    new_leader_elected = 108,
    fenced_member_epoch = 110,
    unreleased_instance_id = 111,
    unsupported_assignor = 112,
    stale_member_epoch = 113,
    transaction_abortable = 120,
};

/// "NOT_ENOUGH_REPLICAS".
std::string_view name(ErrorCode error);
/// "NotEnoughReplicasException"; the exception a Java client would throw for it.
std::string_view exception_name(ErrorCode error);
/// Whether the exception is a RetriableException. Source: facts/kafka-errors.tsv, column retriable.
bool is_retriable(ErrorCode error);
/// Whether the exception is an InvalidMetadataException, so that the client asks for new metadata.
bool refreshes_metadata(ErrorCode error);

/// How a send that did not succeed ended for the application.
enum class SendFailure : std::uint8_t {
    timeout,             // TimeoutException: delivery.timeout.ms, or retries used up on a timeout
    not_enough_replicas, // retries used up
    not_enough_replicas_after_append,
    not_leader_or_follower,
    network, // NetworkException
    out_of_order_sequence,
    invalid_producer_epoch,
    record_too_large,
    unknown_topic_or_partition,
    storage,               // KafkaStorageException
    unknown_server,        // UnknownServerException
    buffer_exhausted,      // BufferExhaustedException: no memory within max.block.ms
    serialization,         // SerializationException, thrown by send()
    topic_authorization,   // TopicAuthorizationException
    cluster_authorization, // ClusterAuthorizationException: fatal for an idempotent producer
    closed,                // KafkaException: the producer was closed before the record was sent
    transaction_aborted,   // TransactionAbortedException: never sent, its transaction was aborted
    transaction_abortable, // TransactionAbortableException (KIP-890)
    invalid_txn_state,     // InvalidTxnStateException
    producer_fenced,       // ProducerFencedException: another producer has its transactional.id
    invalid_timestamp,     // InvalidTimestampException: too far from the broker's clock
    invalid_record,        // InvalidRecordException: no key, and the topic is compacted (KIP-467)
    corrupt_record,        // CorruptRecordException: the same before 2.4, once its retries are used up
};
inline constexpr int send_failure_count = 23;

/// How Kafka sorts what an application may be told. Source: facts/kafka-exceptions.tsv: RetriableException,
/// and the column producer_effect_4.3 for what makes the producer itself unusable.
enum class ErrorClass : std::uint8_t { retriable, non_retriable, fatal };
inline constexpr int error_class_count = 3;
std::string_view name(ErrorClass sort);
ErrorClass class_of(SendFailure failure);

/// "TimeoutException".
std::string_view exception_name(SendFailure failure);
/// The exception that an application sees when `error` is final.
SendFailure failure_of(ErrorCode error);

} // namespace kafka
