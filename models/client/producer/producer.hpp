#pragma once
// A Java producer as a value: what it has accepted, batched, sent and not yet heard of.

#include "models/client/application/sending.hpp"
#include "models/client/metadata_view.hpp"
#include "models/client/producer/transaction.hpp"
#include "models/turn/clock.hpp"
#include "sim/core/fifo.hpp"
#include "sim/core/spares.hpp"

#include <vector>

namespace kafka {

/// Records of one partition that travel together. Source: ProducerBatch.
struct ProducerBatch {
    Batch batch;
    PartitionIndex partition;
    sim::SimTime created;        // arrival of its first record, as the producer's clock tells it now
    sim::SimTime created_last;   // arrival of its last record, likewise
    sim::Duration clock_moved;   // since its first record arrived: later in true time by so much
    sim::SimTime not_before;     // retry back-off
    std::int32_t attempts = 0;   // requests that failed
    Epoch sent_under = no_epoch; // leader epoch of the last attempt
    bool closed = false;         // takes no more records
    bool sequence_reset = false; // rewritten by an epoch bump
    bool decided = false;        // the application has been told (in-flight expiry)
    std::int64_t memory = 0;     // taken from buffer.memory; 0 for a piece of a split batch
    ErrorCode error{};           // of the last attempt
    bool operator==(const ProducerBatch&) const = default;
};

/// Accumulator and sequence state of one partition. Source: RecordAccumulator, TxnPartitionEntry.
struct PartitionQueue {
    PartitionIndex partition;
    StreamIndex stream;
    Value next_value;
    sim::Fifo<ProducerBatch> batches;
    std::int32_t on_the_wire = 0;    // batches in requests
    std::int16_t producer_epoch = 0; // under which its sequences run
    std::int32_t next_sequence = 0;
    std::int32_t last_acked_sequence = -1;
    bool unresolved = false; // an expired batch may or may not be in the log
    bool wants_bump = false;
    bool operator==(const PartitionQueue&) const = default;
};

struct InFlightRequest {
    Correlation correlation = 0;
    sim::SimTime deadline;
    std::vector<ProducerBatch> batches;
    bool operator==(const InFlightRequest&) const = default;
};

struct ProducerNode {
    NodeConnection link;
    sim::Fifo<InFlightRequest> in_flight;
    bool operator==(const ProducerNode&) const = default;
};

/// Where the load stands.
struct LoadState {
    std::size_t segment = 0;
    std::int64_t taken = 0;   // of the present segment
    std::int64_t records = 0; // taken in all
    bool operator==(const LoadState&) const = default;
};

/// Source: KafkaProducer, Sender, RecordAccumulator, TransactionManager; semantics 6.
/// Leaves out: metadata.max.idle.ms, partitioner.availability.timeout.ms, the fair order of
/// several threads that wait for memory.
struct Producer {
    ProducerIndex index;
    std::vector<ProducerNode> nodes; // by broker slot
    MetadataView metadata;
    std::vector<PartitionQueue> queues; // by partition number of its topic
    std::int32_t own = 0;               // of them partitions of its topic; the rest take dead letters
    std::int32_t partitions = 0; // of them: how many its metadata has shown, over which keys are spread
    LoadState load;
    Sending sending;
    ProducerTransactions transactions;
    Transacting transacting;
    std::int64_t memory_used = 0; // of buffer.memory
    bool fatal = false;           // not authorized to be idempotent: nothing is sent any more
    std::int32_t sticky = -1;     // present partition number of records without a key
    std::int64_t sticky_bytes = 0;
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = 0;
    Correlation init_correlation = 0; // InitProducerId in flight
    BrokerSlot init_asked = no_slot;
    sim::SimTime init_deadline = sim::SimTime::never();
    Correlation next_correlation = 1;
    std::int32_t next_node = 0; // where the search for a broker to ask goes on
    std::int64_t undecided = 0; // records taken and not yet decided
    sim::SimTime wake_at = sim::SimTime::never();
    sim::EventHandle wake_handle;
    std::uint32_t wake_round = 0;
    sim::Spares<ProducerBatch> spares; // for requests
    ClockView clock;
    bool operator==(const Producer& o) const {
        return index == o.index && nodes == o.nodes && metadata == o.metadata && queues == o.queues &&
               partitions == o.partitions && own == o.own && load == o.load && sending == o.sending &&
               transactions == o.transactions && transacting == o.transacting &&
               memory_used == o.memory_used && fatal == o.fatal && sticky == o.sticky &&
               sticky_bytes == o.sticky_bytes && producer_id == o.producer_id &&
               producer_epoch == o.producer_epoch && undecided == o.undecided && wake_at == o.wake_at &&
               wake_round == o.wake_round && clock == o.clock;
    }
};

Producer make_producer(const Configuration& configuration, ProducerIndex index);
void start(Producer& self, Turn& turn);
void on(Producer& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void on(Producer& self, const Connected& event, Turn& turn);
void on(Producer& self, const Refused& event, Turn& turn);
void on(Producer& self, const Disconnected& event, Turn& turn);
void on(Producer& self, const Writable& event, Turn& turn);
void on(Producer& self, const Timer& timer, Turn& turn);
/// Before it acts: what its clock has done since it acted last is laid on its time-outs. Where the library
/// has a monotonic clock only the timestamps of new records change.
void follow_clock(Producer& self, Turn& turn);
/// Its clock is about to step: what reached send() until now was stamped by the old time.
void stamp_arrivals(Producer& self, Turn& turn);
/// The process is killed: what it had not been told about stays unknown, or is kept to be sent again.
void lose_memory(Producer& self, bool was_running, Turn& turn);
/// Whether every record of its load is decided, or its application has stopped.
bool is_done(const Producer& self, const Configuration& configuration);

// --- for code in the same process that sends ---

/// Timer::what of a producer that lives in the process of a consumer.
inline constexpr std::uint8_t timer_of_output = 9;

/// Records that code which is no load hands to send(), one call each.
struct Outgoing {
    TopicIndex topic; // one of the producer's
    std::int32_t count = 1;
    std::int32_t partition = -1; // its number; -1 = the partitioner decides
};
/// What send() took. Shape: count 0 = the thread stays inside send() and calls again with the same records
/// when something has happened; `refused` = max.block.ms was over, or the record is too large: it has failed.
struct Taken {
    StreamIndex stream = no_stream;
    Value first;
    std::int32_t count = 0;
    bool refused = false;
};
/// KafkaProducer.send(). Call run_sender() at the end of the turn. Leaves out: a sticky partition of each
/// topic for topics other than the producer's own, whose partitions take turns.
Taken send_records(Producer& self, const Outgoing& what, Turn& turn);
/// Whether all that was handed over is decided.
bool is_flushed(const Producer& self);
/// flush(): batches do not wait for linger.ms until end_flush(). Source: RecordAccumulator.beginFlush.
void begin_flush(Producer& self);
void end_flush(Producer& self);
/// Ends it: what is unfinished dies with it. close() is begin_flush(), is_flushed(), then this.
void end_producer(Producer& self, ProducerEnd how, Turn& turn);
/// Lets the sender thread work.
void run_sender(Producer& self, Turn& turn);
bool owns_connection(const Producer& self, sim::ConnectionId connection);

// --- transactions, for code in the same process; each but begin ends when ProducerTransactions::call is none
// ---

/// initTransactions(). An open transaction of another producer of this id is aborted, and that one fenced.
void init_transactions(Producer& self, Turn& turn);
void begin_transaction(Producer& self, Turn& turn);
void send_offsets_to_transaction(Producer& self, TransactionOffsets offsets, Turn& turn);
/// Waits until all records are acknowledged, and the outcome is written at the coordinator.
void commit_transaction(Producer& self, Turn& turn);
void abort_transaction(Producer& self, Turn& turn);

/// Source: Utils.murmur2 of Kafka's clients, seed 0x9747b28c.
std::int32_t murmur2(const std::uint8_t* bytes, std::size_t count);
/// Source: the polynomial of zlib, as librdkafka hashes keys.
std::uint32_t crc32(const std::uint8_t* bytes, std::size_t count);
/// Source: FNV-1a of 32 bits, as sarama hashes keys.
std::uint32_t fnv1a(const std::uint8_t* bytes, std::size_t count);
/// Partition number of the key whose bytes are the decimal digits of `key`.
std::int32_t partition_of_key(std::int64_t key, KeyHash rule, std::int32_t partitions);

} // namespace kafka
