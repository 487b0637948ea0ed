#pragma once
// Steps of a producer's work that its files share. Not for callers outside this folder.

#include "models/client/producer/producer.hpp"

namespace kafka::parts {

inline const ProducerConfiguration& configured(const Producer& self, const Turn& turn) {
    return turn.configuration.producer(self.index);
}
inline const ProducerSettings& settings(const Producer& self, const Turn& turn) {
    return configured(self, turn).settings;
}
ConnectionSettings connection_settings(const Producer& self, const Turn& turn);
PartitionQueue& queue_of(Producer& self, PartitionIndex partition, const Turn& turn);
const MetadataView::PartitionView& leader_view(const Producer& self, PartitionIndex partition);

// --- load.cpp ---
/// Takes what the application has handed to send() by now.
void absorb(Producer& self, Turn& turn);
/// Arrival of the n-th record from now on (0 = the next); never when the load ends before.
sim::SimTime arrival(const Producer& self, std::int64_t n, const Turn& turn);
bool load_is_over(const Producer& self, const Configuration& configuration);
std::int32_t records_that_fit(std::int32_t present, std::int64_t record_bytes, std::int64_t batch_size);

// --- sender.cpp ---
/// One round of the sender thread: expire, ask, drain, send; then sets the next wake-up.
void pump(Producer& self, Turn& turn);
bool is_ready(const Producer& self, const PartitionQueue& queue, const Turn& turn);
bool may_drain(const Producer& self, const PartitionQueue& queue, const Turn& turn);
void schedule_wake(Producer& self, Turn& turn);

// --- outcome.cpp ---
void acknowledge(Producer& self, const ProducerBatch& batch, Offset base_offset, Turn& turn);
void fail(Producer& self, ProducerBatch& batch, SendFailure failure, Turn& turn);
/// What becomes of a batch whose attempt ended in `error`.
void attempt_failed(Producer& self, ProducerBatch batch, ErrorCode error, Turn& turn);
void on_produce_response(Producer& self, BrokerSlot broker, const ProduceResponse& response, Turn& turn);
/// The connection is gone: all its requests end in `error`.
void node_lost(Producer& self, BrokerSlot broker, ErrorCode error, Turn& turn);
void expire(Producer& self, Turn& turn);

// --- asking.cpp ---
void ask_metadata(Producer& self, Turn& turn);
void ask_producer_id(Producer& self, Turn& turn);
void on_metadata(Producer& self, const MetadataResponse& response, Turn& turn);
sim::SimTime next_metadata_request(const Producer& self, const Turn& turn);

// --- sequences.cpp ---
bool is_idempotent(const Producer& self, const Turn& turn);
void give_sequence(Producer& self, PartitionQueue& queue, ProducerBatch& batch);
/// Lowest sequence that is not acknowledged yet, on the wire or waiting to be sent again; -1 = none.
std::int32_t first_outstanding(const Producer& self, const PartitionQueue& queue);
bool may_retry(Producer& self, PartitionQueue& queue, const ProducerBatch& batch, ErrorCode error,
               Turn& turn);
void resolve_and_bump(Producer& self, Turn& turn);

} // namespace kafka::parts
