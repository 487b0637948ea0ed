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
/// Position of the queue of the topic's first partition.
std::size_t first_queue_of(const Producer& self, TopicIndex topic, const Turn& turn);
PartitionQueue& queue_of(Producer& self, PartitionIndex partition, const Turn& turn);
const MetadataView::PartitionView& leader_view(const Producer& self, PartitionIndex partition);

// --- load.cpp ---
/// Takes what the application has handed to send() by now.
void absorb(Producer& self, Turn& turn);
/// Arrival of the n-th record from now on (0 = the next); never when the load ends before.
sim::SimTime arrival(const Producer& self, std::int64_t n, const Turn& turn);
/// The longest that send() may take now.
sim::Duration blocking_limit(const Producer& self, const Turn& turn);
bool load_is_over(const Producer& self, const Configuration& configuration);
/// Next instant at which the sending thread does something by itself.
sim::SimTime thread_due(const Producer& self, const Turn& turn);

// --- partitioner.cpp ---
/// Another partition for records without a key. Source: BuiltInPartitioner.nextPartition; semantics 6.7.3.
void move_sticky(Producer& self, Turn& turn);
/// Whether the next record without a key goes elsewhere. Source: KafkaProducer.doSend, Partitioner.onNewBatch
/// (KIP-480, 2.4 to 3.2): when it would need a new batch; BuiltInPartitioner.updatePartitionInfo (KIP-794,
/// KAFKA-14156, 3.3): after batch.size bytes once no batch is half full, at the latest after twice as many.
bool leaves_sticky(const Producer& self, const Turn& turn);
/// Records that go to the present sticky partition before leaves_sticky() has to be asked again.
std::int64_t sticky_run(const Producer& self, const Turn& turn);
StickyRule sticky_rule(const Producer& self, const Turn& turn);
bool uses_keys(const Producer& self, const Turn& turn);

// --- accumulator.cpp ---
std::int32_t records_that_fit(std::int32_t present, std::int64_t record_bytes, std::int64_t batch_size);
/// Bytes of a record of the load in a batch, without its overhead; smaller with a compression.type.
std::int64_t record_size(const Producer& self, const Turn& turn);
/// Records that find memory for certain, wherever they go.
std::int64_t certain_to_fit(const Producer& self, const Turn& turn);
/// Whether one more record finds room in an open batch, or memory for a new one.
bool finds_room(const Producer& self, const PartitionQueue& queue, const Turn& turn);
bool finds_memory(const Producer& self, std::int64_t bytes, const Turn& turn);
/// Adds `count` new records that were handed over from `from` to `to` to the end of a partition's queue.
void accumulate(Producer& self, PartitionQueue& queue, std::int64_t count, sim::SimTime from, sim::SimTime to,
                Turn& turn);
/// A batch for one new record of `bytes`, or for records that are handed over again.
void add_batch(Producer& self, PartitionQueue& queue, const Batch& records, Turn& turn);
void free_memory(Producer& self, ProducerBatch& batch);

// --- application.cpp ---
/// The code around the producer is told of a failure, unless it does not look.
void tell(Producer& self, StreamIndex stream, const Batch& records, SendFailure failure, bool thrown,
          Turn& turn);
/// A record that never reaches the accumulator.
void refuse(Producer& self, PartitionQueue& queue, SendFailure failure, bool thrown, Turn& turn);
/// Hands over again what is due. False when it has to wait for memory or for its turn.
bool hand_over_again(Producer& self, Turn& turn);
/// The process, or the producer in it, is at its end.
void end(Producer& self, ProducerEnd how, Turn& turn);
/// Ends the producer as its application asks, once the load is over.
void maybe_close(Producer& self, Turn& turn);
bool waits_for_result(const Producer& self, const Turn& turn);

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
void abort_when_fatal(Producer& self, Turn& turn);

// --- asking.cpp ---
/// The least loaded broker that is connected; else begins to connect to one.
BrokerSlot broker_to_ask(Producer& self, Turn& turn);
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
