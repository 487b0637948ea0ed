#include "models/vocabulary/errors.hpp"

namespace kafka {

namespace {

struct ErrorFacts {
    std::string_view name;
    std::string_view exception;
    bool retriable;
    bool invalid_metadata;
};

// One row per code. Source: facts/kafka-errors.tsv.
ErrorFacts facts_of(ErrorCode error) {
    switch (error) {
    case ErrorCode::unknown_server_error:
        return {"UNKNOWN_SERVER_ERROR", "UnknownServerException", false, false};
    case ErrorCode::none:
        return {"NONE", "(none)", false, false};
    case ErrorCode::offset_out_of_range:
        return {"OFFSET_OUT_OF_RANGE", "OffsetOutOfRangeException", false, false};
    case ErrorCode::unknown_topic_or_partition:
        return {"UNKNOWN_TOPIC_OR_PARTITION", "UnknownTopicOrPartitionException", true, true};
    case ErrorCode::leader_not_available:
        return {"LEADER_NOT_AVAILABLE", "LeaderNotAvailableException", true, true};
    case ErrorCode::not_leader_or_follower:
        return {"NOT_LEADER_OR_FOLLOWER", "NotLeaderOrFollowerException", true, true};
    case ErrorCode::request_timed_out:
        return {"REQUEST_TIMED_OUT", "TimeoutException", true, false};
    case ErrorCode::message_too_large:
        return {"MESSAGE_TOO_LARGE", "RecordTooLargeException", false, false};
    case ErrorCode::network_exception:
        return {"NETWORK_EXCEPTION", "NetworkException", true, true};
    case ErrorCode::not_enough_replicas:
        return {"NOT_ENOUGH_REPLICAS", "NotEnoughReplicasException", true, false};
    case ErrorCode::not_enough_replicas_after_append:
        return {"NOT_ENOUGH_REPLICAS_AFTER_APPEND", "NotEnoughReplicasAfterAppendException", true, false};
    case ErrorCode::not_controller:
        return {"NOT_CONTROLLER", "NotControllerException", true, false};
    case ErrorCode::invalid_request:
        return {"INVALID_REQUEST", "InvalidRequestException", false, false};
    case ErrorCode::out_of_order_sequence_number:
        return {"OUT_OF_ORDER_SEQUENCE_NUMBER", "OutOfOrderSequenceException", false, false};
    case ErrorCode::duplicate_sequence_number:
        return {"DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException", false, false};
    case ErrorCode::invalid_producer_epoch:
        return {"INVALID_PRODUCER_EPOCH", "InvalidProducerEpochException", false, false};
    case ErrorCode::operation_not_attempted:
        return {"OPERATION_NOT_ATTEMPTED", "OperationNotAttemptedException", false, false};
    case ErrorCode::kafka_storage_error:
        return {"KAFKA_STORAGE_ERROR", "KafkaStorageException", true, true};
    case ErrorCode::unknown_producer_id:
        return {"UNKNOWN_PRODUCER_ID", "UnknownProducerIdException", false, false};
    case ErrorCode::fenced_leader_epoch:
        return {"FENCED_LEADER_EPOCH", "FencedLeaderEpochException", true, true};
    case ErrorCode::unknown_leader_epoch:
        return {"UNKNOWN_LEADER_EPOCH", "UnknownLeaderEpochException", true, false};
    case ErrorCode::stale_broker_epoch:
        return {"STALE_BROKER_EPOCH", "StaleBrokerEpochException", false, false};
    case ErrorCode::offset_not_available:
        return {"OFFSET_NOT_AVAILABLE", "OffsetNotAvailableException", true, false};
    case ErrorCode::preferred_leader_not_available:
        return {"PREFERRED_LEADER_NOT_AVAILABLE", "PreferredLeaderNotAvailableException", true, true};
    case ErrorCode::eligible_leaders_not_available:
        return {"ELIGIBLE_LEADERS_NOT_AVAILABLE", "EligibleLeadersNotAvailableException", true, true};
    case ErrorCode::election_not_needed:
        return {"ELECTION_NOT_NEEDED", "ElectionNotNeededException", true, true};
    case ErrorCode::invalid_update_version:
        return {"INVALID_UPDATE_VERSION", "InvalidUpdateVersionException", false, false};
    case ErrorCode::duplicate_broker_registration:
        return {"DUPLICATE_BROKER_REGISTRATION", "DuplicateBrokerRegistrationException", false, false};
    case ErrorCode::broker_id_not_registered:
        return {"BROKER_ID_NOT_REGISTERED", "BrokerIdNotRegisteredException", false, false};
    case ErrorCode::ineligible_replica:
        return {"INELIGIBLE_REPLICA", "IneligibleReplicaException", false, false};
    }
    return {"UNKNOWN_SERVER_ERROR", "UnknownServerException", false, false};
}

} // namespace

std::string_view name(ErrorCode error) { return facts_of(error).name; }
std::string_view exception_name(ErrorCode error) { return facts_of(error).exception; }
bool is_retriable(ErrorCode error) { return facts_of(error).retriable; }
bool refreshes_metadata(ErrorCode error) { return facts_of(error).invalid_metadata; }

std::string_view exception_name(SendFailure failure) {
    switch (failure) {
    case SendFailure::timeout:
        return "TimeoutException";
    case SendFailure::not_enough_replicas:
        return "NotEnoughReplicasException";
    case SendFailure::not_enough_replicas_after_append:
        return "NotEnoughReplicasAfterAppendException";
    case SendFailure::not_leader_or_follower:
        return "NotLeaderOrFollowerException";
    case SendFailure::network:
        return "NetworkException";
    case SendFailure::out_of_order_sequence:
        return "OutOfOrderSequenceException";
    case SendFailure::invalid_producer_epoch:
        return "InvalidProducerEpochException";
    case SendFailure::record_too_large:
        return "RecordTooLargeException";
    case SendFailure::unknown_topic_or_partition:
        return "UnknownTopicOrPartitionException";
    case SendFailure::storage:
        return "KafkaStorageException";
    case SendFailure::unknown_server:
        return "UnknownServerException";
    }
    return "UnknownServerException";
}

SendFailure failure_of(ErrorCode error) {
    if (error == ErrorCode::request_timed_out) return SendFailure::timeout;
    if (error == ErrorCode::not_enough_replicas) return SendFailure::not_enough_replicas;
    if (error == ErrorCode::not_enough_replicas_after_append)
        return SendFailure::not_enough_replicas_after_append;
    if (error == ErrorCode::not_leader_or_follower) return SendFailure::not_leader_or_follower;
    if (error == ErrorCode::network_exception) return SendFailure::network;
    if (error == ErrorCode::out_of_order_sequence_number) return SendFailure::out_of_order_sequence;
    if (error == ErrorCode::invalid_producer_epoch) return SendFailure::invalid_producer_epoch;
    if (error == ErrorCode::message_too_large) return SendFailure::record_too_large;
    if (error == ErrorCode::unknown_topic_or_partition) return SendFailure::unknown_topic_or_partition;
    if (error == ErrorCode::kafka_storage_error) return SendFailure::storage;
    return SendFailure::unknown_server;
}

} // namespace kafka
