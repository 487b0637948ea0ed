#include "models/vocabulary/errors.hpp"

namespace kafka {

namespace {

struct ErrorFacts {
    std::string_view name;
    std::string_view exception;
    bool retriable;
    bool invalid_metadata;
};

struct Row {
    ErrorCode error;
    ErrorFacts facts;
};

// One row per code, in order of codes. Source: facts/kafka-errors.tsv, newest release.
constexpr Row rows[] = {
    {ErrorCode::unknown_server_error, {"UNKNOWN_SERVER_ERROR", "UnknownServerException", false, false}},
    {ErrorCode::none, {"NONE", "(none)", false, false}},
    {ErrorCode::offset_out_of_range, {"OFFSET_OUT_OF_RANGE", "OffsetOutOfRangeException", false, false}},
    {ErrorCode::corrupt_message, {"CORRUPT_MESSAGE", "CorruptRecordException", true, false}},
    {ErrorCode::unknown_topic_or_partition,
     {"UNKNOWN_TOPIC_OR_PARTITION", "UnknownTopicOrPartitionException", true, true}},
    {ErrorCode::leader_not_available, {"LEADER_NOT_AVAILABLE", "LeaderNotAvailableException", true, true}},
    {ErrorCode::not_leader_or_follower,
     {"NOT_LEADER_OR_FOLLOWER", "NotLeaderOrFollowerException", true, true}},
    {ErrorCode::request_timed_out, {"REQUEST_TIMED_OUT", "TimeoutException", true, false}},
    {ErrorCode::message_too_large, {"MESSAGE_TOO_LARGE", "RecordTooLargeException", false, false}},
    {ErrorCode::stale_controller_epoch, {"STALE_CONTROLLER_EPOCH", "ControllerMovedException", false, false}},
    {ErrorCode::network_exception, {"NETWORK_EXCEPTION", "NetworkException", true, true}},
    {ErrorCode::coordinator_load_in_progress,
     {"COORDINATOR_LOAD_IN_PROGRESS", "CoordinatorLoadInProgressException", true, false}},
    {ErrorCode::coordinator_not_available,
     {"COORDINATOR_NOT_AVAILABLE", "CoordinatorNotAvailableException", true, false}},
    {ErrorCode::not_coordinator, {"NOT_COORDINATOR", "NotCoordinatorException", true, false}},
    {ErrorCode::not_enough_replicas, {"NOT_ENOUGH_REPLICAS", "NotEnoughReplicasException", true, false}},
    {ErrorCode::not_enough_replicas_after_append,
     {"NOT_ENOUGH_REPLICAS_AFTER_APPEND", "NotEnoughReplicasAfterAppendException", true, false}},
    {ErrorCode::illegal_generation, {"ILLEGAL_GENERATION", "IllegalGenerationException", false, false}},
    {ErrorCode::inconsistent_group_protocol,
     {"INCONSISTENT_GROUP_PROTOCOL", "InconsistentGroupProtocolException", false, false}},
    {ErrorCode::invalid_group_id, {"INVALID_GROUP_ID", "InvalidGroupIdException", false, false}},
    {ErrorCode::unknown_member_id, {"UNKNOWN_MEMBER_ID", "UnknownMemberIdException", false, false}},
    {ErrorCode::invalid_session_timeout,
     {"INVALID_SESSION_TIMEOUT", "InvalidSessionTimeoutException", false, false}},
    {ErrorCode::rebalance_in_progress,
     {"REBALANCE_IN_PROGRESS", "RebalanceInProgressException", false, false}},
    {ErrorCode::invalid_commit_offset_size,
     {"INVALID_COMMIT_OFFSET_SIZE", "InvalidCommitOffsetSizeException", false, false}},
    {ErrorCode::topic_authorization_failed,
     {"TOPIC_AUTHORIZATION_FAILED", "TopicAuthorizationException", false, false}},
    {ErrorCode::group_authorization_failed,
     {"GROUP_AUTHORIZATION_FAILED", "GroupAuthorizationException", false, false}},
    {ErrorCode::cluster_authorization_failed,
     {"CLUSTER_AUTHORIZATION_FAILED", "ClusterAuthorizationException", false, false}},
    {ErrorCode::invalid_timestamp, {"INVALID_TIMESTAMP", "InvalidTimestampException", false, false}},
    {ErrorCode::not_controller, {"NOT_CONTROLLER", "NotControllerException", true, false}},
    {ErrorCode::invalid_request, {"INVALID_REQUEST", "InvalidRequestException", false, false}},
    {ErrorCode::out_of_order_sequence_number,
     {"OUT_OF_ORDER_SEQUENCE_NUMBER", "OutOfOrderSequenceException", false, false}},
    {ErrorCode::duplicate_sequence_number,
     {"DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException", false, false}},
    {ErrorCode::invalid_producer_epoch,
     {"INVALID_PRODUCER_EPOCH", "InvalidProducerEpochException", false, false}},
    {ErrorCode::invalid_txn_state, {"INVALID_TXN_STATE", "InvalidTxnStateException", false, false}},
    {ErrorCode::invalid_producer_id_mapping,
     {"INVALID_PRODUCER_ID_MAPPING", "InvalidPidMappingException", false, false}},
    {ErrorCode::invalid_transaction_timeout,
     {"INVALID_TRANSACTION_TIMEOUT", "InvalidTxnTimeoutException", false, false}},
    {ErrorCode::concurrent_transactions,
     {"CONCURRENT_TRANSACTIONS", "ConcurrentTransactionsException", true, false}},
    {ErrorCode::transaction_coordinator_fenced,
     {"TRANSACTION_COORDINATOR_FENCED", "TransactionCoordinatorFencedException", false, false}},
    {ErrorCode::transactional_id_authorization_failed,
     {"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "TransactionalIdAuthorizationException", false, false}},
    {ErrorCode::operation_not_attempted,
     {"OPERATION_NOT_ATTEMPTED", "OperationNotAttemptedException", false, false}},
    {ErrorCode::kafka_storage_error, {"KAFKA_STORAGE_ERROR", "KafkaStorageException", true, true}},
    {ErrorCode::unknown_producer_id, {"UNKNOWN_PRODUCER_ID", "UnknownProducerIdException", false, false}},
    {ErrorCode::fenced_leader_epoch, {"FENCED_LEADER_EPOCH", "FencedLeaderEpochException", true, true}},
    {ErrorCode::unknown_leader_epoch, {"UNKNOWN_LEADER_EPOCH", "UnknownLeaderEpochException", true, false}},
    {ErrorCode::stale_broker_epoch, {"STALE_BROKER_EPOCH", "StaleBrokerEpochException", false, false}},
    {ErrorCode::offset_not_available, {"OFFSET_NOT_AVAILABLE", "OffsetNotAvailableException", true, false}},
    {ErrorCode::member_id_required, {"MEMBER_ID_REQUIRED", "MemberIdRequiredException", false, false}},
    {ErrorCode::preferred_leader_not_available,
     {"PREFERRED_LEADER_NOT_AVAILABLE", "PreferredLeaderNotAvailableException", true, true}},
    {ErrorCode::group_max_size_reached,
     {"GROUP_MAX_SIZE_REACHED", "GroupMaxSizeReachedException", false, false}},
    {ErrorCode::fenced_instance_id, {"FENCED_INSTANCE_ID", "FencedInstanceIdException", false, false}},
    {ErrorCode::eligible_leaders_not_available,
     {"ELIGIBLE_LEADERS_NOT_AVAILABLE", "EligibleLeadersNotAvailableException", true, true}},
    {ErrorCode::election_not_needed, {"ELECTION_NOT_NEEDED", "ElectionNotNeededException", true, true}},
    {ErrorCode::invalid_record, {"INVALID_RECORD", "InvalidRecordException", false, false}},
    {ErrorCode::unstable_offset_commit,
     {"UNSTABLE_OFFSET_COMMIT", "UnstableOffsetCommitException", true, false}},
    {ErrorCode::producer_fenced, {"PRODUCER_FENCED", "ProducerFencedException", false, false}},
    {ErrorCode::invalid_update_version,
     {"INVALID_UPDATE_VERSION", "InvalidUpdateVersionException", false, false}},
    {ErrorCode::duplicate_broker_registration,
     {"DUPLICATE_BROKER_REGISTRATION", "DuplicateBrokerRegistrationException", false, false}},
    {ErrorCode::broker_id_not_registered,
     {"BROKER_ID_NOT_REGISTERED", "BrokerIdNotRegisteredException", false, false}},
    {ErrorCode::ineligible_replica, {"INELIGIBLE_REPLICA", "IneligibleReplicaException", false, false}},
    {ErrorCode::new_leader_elected, {"NEW_LEADER_ELECTED", "NewLeaderElectedException", false, false}},
    {ErrorCode::fenced_member_epoch, {"FENCED_MEMBER_EPOCH", "FencedMemberEpochException", false, false}},
    {ErrorCode::unreleased_instance_id,
     {"UNRELEASED_INSTANCE_ID", "UnreleasedInstanceIdException", false, false}},
    {ErrorCode::unsupported_assignor, {"UNSUPPORTED_ASSIGNOR", "UnsupportedAssignorException", false, false}},
    {ErrorCode::stale_member_epoch, {"STALE_MEMBER_EPOCH", "StaleMemberEpochException", false, false}},
    {ErrorCode::transaction_abortable,
     {"TRANSACTION_ABORTABLE", "TransactionAbortableException", false, false}},
};

ErrorFacts facts_of(ErrorCode error) {
    for (const Row& row : rows)
        if (row.error == error) return row.facts;
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
    case SendFailure::buffer_exhausted:
        return "BufferExhaustedException";
    case SendFailure::serialization:
        return "SerializationException";
    case SendFailure::topic_authorization:
        return "TopicAuthorizationException";
    case SendFailure::cluster_authorization:
        return "ClusterAuthorizationException";
    case SendFailure::closed:
        return "KafkaException";
    case SendFailure::transaction_aborted:
        return "TransactionAbortedException";
    case SendFailure::transaction_abortable:
        return "TransactionAbortableException";
    case SendFailure::invalid_txn_state:
        return "InvalidTxnStateException";
    case SendFailure::producer_fenced:
        return "ProducerFencedException";
    case SendFailure::invalid_timestamp:
        return "InvalidTimestampException";
    case SendFailure::invalid_record:
        return "InvalidRecordException";
    case SendFailure::corrupt_record:
        return "CorruptRecordException";
    }
    return "UnknownServerException";
}

std::string_view name(ErrorClass sort) {
    if (sort == ErrorClass::fatal) return "fatal";
    return sort == ErrorClass::retriable ? "retriable" : "non_retriable";
}

ErrorClass class_of(SendFailure failure) {
    switch (failure) {
    case SendFailure::timeout:
    case SendFailure::not_enough_replicas:
    case SendFailure::not_enough_replicas_after_append:
    case SendFailure::not_leader_or_follower:
    case SendFailure::network:
    case SendFailure::unknown_topic_or_partition:
    case SendFailure::storage:
    case SendFailure::buffer_exhausted: // a TimeoutException since 2.6
    case SendFailure::corrupt_record:
        return ErrorClass::retriable;
    case SendFailure::cluster_authorization:
    case SendFailure::producer_fenced:
        return ErrorClass::fatal;
    case SendFailure::out_of_order_sequence:
    case SendFailure::invalid_producer_epoch:
    case SendFailure::record_too_large:
    case SendFailure::unknown_server:
    case SendFailure::serialization:
    case SendFailure::topic_authorization:
    case SendFailure::closed:
    case SendFailure::transaction_aborted:
    case SendFailure::transaction_abortable:
    case SendFailure::invalid_txn_state:
    case SendFailure::invalid_timestamp:
    case SendFailure::invalid_record:
        return ErrorClass::non_retriable;
    }
    return ErrorClass::non_retriable;
}

SendFailure failure_of(ErrorCode error) {
    if (error == ErrorCode::transaction_abortable) return SendFailure::transaction_abortable;
    if (error == ErrorCode::invalid_txn_state) return SendFailure::invalid_txn_state;
    if (error == ErrorCode::producer_fenced) return SendFailure::producer_fenced;
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
    if (error == ErrorCode::invalid_timestamp) return SendFailure::invalid_timestamp;
    if (error == ErrorCode::topic_authorization_failed) return SendFailure::topic_authorization;
    if (error == ErrorCode::cluster_authorization_failed) return SendFailure::cluster_authorization;
    if (error == ErrorCode::invalid_record) return SendFailure::invalid_record;
    if (error == ErrorCode::corrupt_message) return SendFailure::corrupt_record;
    return SendFailure::unknown_server;
}

} // namespace kafka
