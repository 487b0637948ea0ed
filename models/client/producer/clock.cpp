// What a producer does when the wall clock of its host moves.

#include "models/client/clock.hpp"
#include "models/client/producer/parts.hpp"

namespace kafka {

namespace {

void move_batch(ProducerBatch& batch, sim::Duration moved) {
    batch.created = batch.created - moved;
    batch.created_last = batch.created_last - moved;
    batch.clock_moved = batch.clock_moved + moved;
    move_instant(batch.not_before, moved);
}

} // namespace

/// The age of batches (delivery.timeout.ms, linger.ms, retry.backoff.ms), requests in flight, the age of
/// metadata and the back-offs of connections are read from Time.milliseconds. What the application's thread
/// waits for is not: BufferPool.allocate and TransactionalRequestResult.await use nanoseconds, close() joins
/// its thread.
/// Source: ProducerBatch.hasReachedDeliveryTimeout, waitedTimeMs; NetworkClient.handleTimedOutRequests,
/// InFlightRequests (Math.max(0, ...)), ClusterConnectionStates, Metadata.timeToAllowUpdate.
/// Leaves out: that send() waits for metadata until an instant of the wall clock (SystemTime.waitObject).
void follow_clock(Producer& self, Turn& turn) {
    const sim::Duration moved = take_move(self.clock, turn);
    if (moved == sim::Duration{0} || parts::configured(self, turn).monotonic) return;
    for (ProducerNode& node : self.nodes) {
        parts::move_link(node.link, moved);
        for (InFlightRequest& request : node.in_flight) {
            move_instant(request.deadline, moved);
            for (ProducerBatch& batch : request.batches)
                move_batch(batch, moved);
        }
    }
    for (PartitionQueue& queue : self.queues)
        for (ProducerBatch& batch : queue.batches)
            move_batch(batch, moved);
    parts::move_metadata(self.metadata, moved);
    move_instant(self.init_deadline, moved);
    move_instant(self.transactions.deadline, moved);
}

/// Records are taken from the load when the sender has something to do with them, and stood in an open batch
/// before.
void stamp_arrivals(Producer& self, Turn& turn) {
    if (!self.sending.ended) parts::absorb(self, turn);
}

} // namespace kafka
