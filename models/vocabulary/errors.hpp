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
    unknown_topic_or_partition = 3,
    leader_not_available = 5,
    not_leader_or_follower = 6,
    request_timed_out = 7,
    message_too_large = 10,
    network_exception = 13,
    not_enough_replicas = 19,
    not_enough_replicas_after_append = 20,
    not_controller = 41,
    invalid_request = 42,
    out_of_order_sequence_number = 45,
    duplicate_sequence_number = 46,
    invalid_producer_epoch = 47,
    operation_not_attempted = 55,
    kafka_storage_error = 56,
    unknown_producer_id = 59,
    fenced_leader_epoch = 74,
    unknown_leader_epoch = 75,
    stale_broker_epoch = 77,
    offset_not_available = 78,
    preferred_leader_not_available = 80,
    eligible_leaders_not_available = 83,
    election_not_needed = 84,
    invalid_update_version = 95,
    duplicate_broker_registration = 101,
    broker_id_not_registered = 102,
    ineligible_replica = 107,
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
    storage,        // KafkaStorageException
    unknown_server, // UnknownServerException
};
inline constexpr int send_failure_count = 11;

/// "TimeoutException".
std::string_view exception_name(SendFailure failure);
/// The exception that an application sees when `error` is final.
SendFailure failure_of(ErrorCode error);

} // namespace kafka
