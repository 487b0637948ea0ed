#pragma once
// The rules behind the steps of a record's life, by Kafka's own names. Source: reference/kafka-semantics.md.

#include "models/settings/settings.hpp"
#include "models/vocabulary/facts.hpp"

#include <string>

namespace highwater {

const char* acks_text(kafka::Acks acks);
std::string rule_of_send(kafka::SendStyle send);
std::string rule_of_produce(const kafka::ProducerSettings& settings);
std::string rule_of_retry(const kafka::ProducerSettings& settings);
std::string rule_of_acknowledgement(const kafka::ProducerSettings& settings);
std::string rule_of_failure(const kafka::ProducerSettings& settings);
std::string rule_of_evidence(kafka::Acks acks, int in_sync, int min_insync_replicas);
std::string rule_of_refusal(kafka::ErrorCode error, int min_insync_replicas);
std::string removal_text(kafka::RemovalCause cause, const std::string& broker);
std::string rule_of_removal(kafka::RemovalCause cause);
/// `unclean_enabled`: unclean.leader.election.enable of the topic.
std::string rule_of_change(kafka::ChangeCause cause, bool unclean, bool unclean_enabled);
std::string rule_of_commit(kafka::CommitCause cause);
std::string rule_of_position(kafka::PositionCause cause);
std::string reaction_text(kafka::ErrorReaction reaction);
std::string producer_end_text(kafka::ProducerEnd end, std::int64_t unsent, std::int64_t in_flight);
/// Empty when it is not worth telling.
std::string broker_event_text(kafka::BrokerEvent event, const std::string& broker);
std::string rule_of_broker_event(kafka::BrokerEvent event);

} // namespace highwater
