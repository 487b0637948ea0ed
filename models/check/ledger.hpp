#pragma once
// What became of every record: sent, acknowledged, failed, where it was written, who read it, what the end
// says.

#include "models/check/applications.hpp"
#include "models/check/compaction.hpp"
#include "models/check/consumption.hpp"
#include "models/check/copies.hpp"
#include "models/check/end_to_end.hpp"
#include "models/check/lag.hpp"
#include "models/check/member_readings.hpp"
#include "models/check/operations.hpp"
#include "models/check/ranges.hpp"
#include "models/check/stored_state.hpp"
#include "models/check/tally.hpp"
#include "models/check/transactions.hpp"
#include "models/cluster/observer.hpp"

#include <map>
#include <string>
#include <vector>

namespace kafka {

/// An acknowledgement and the evidence behind it, as the broker had it.
struct Evidence {
    BrokerSlot broker;
    Acks acks{};
    BrokerSet in_sync;
    sim::SimTime time;
    std::int32_t min_isr = 1; // of the topic
    Offset base_offset;
};

/// Acknowledged records that the final leader does not serve.
struct Loss {
    PartitionIndex partition;
    StreamIndex stream;
    std::int64_t first = 0;
    std::int64_t end = 0;
    Evidence evidence;
    Offset first_offset = no_offset; // where they stood when they were acknowledged; no_offset with acks=0
    Offset last_offset = no_offset;
    bool removed = false; // else a copy stands on a replica that is not the leader, or nowhere was one
    BrokerSlot last_removed_from;
    sim::SimTime last_removed;
    RemovalCause cause{};
    BrokerSet copies; // replicas that still hold a record of it
    bool ever_written = false;
};

/// Counts of one partition's stream at the end.
struct StreamSummary {
    std::int64_t sent = 0, acknowledged = 0, failed = 0, unknown = 0;
    std::int64_t lost = 0, unavailable = 0, duplicated = 0, reordered = 0, written_though_failed = 0;
    std::int64_t deleted = 0;   // acknowledged, and gone with their topic
    std::int64_t expired = 0;   // removed by retention or DeleteRecords, and not there again
    std::int64_t compacted = 0; // acknowledged, superseded by a newer record of their key, and removed
};

struct ProducerSummary {
    std::map<SendFailure, std::int64_t> failed;
    std::map<ErrorCode, std::int64_t> retried;
    Tally latencies; // microseconds -> records
    sim::Duration longest_gap;
    std::int64_t epoch_bumps = 0;
};

struct ConsumerSummary {
    std::int64_t read = 0, distinct = 0, reread = 0, skipped = 0, unread = 0;
    std::int64_t expired = 0; // of the skipped: gone by retention or DeleteRecords before they were read
    std::vector<std::int64_t> read_from; // by broker slot
    std::int64_t aborted_read = 0;       // records of aborted transactions (G1a)
    std::int64_t undecided_read = 0;     // with read_committed: at or above the last stable offset
};

struct TimelineEntry {
    sim::SimTime time;
    fact::PartitionChanged change;
};

/// Spans of time in which something was not possible.
struct Spans {
    sim::Duration total;
    sim::Duration longest;
    bool open = false;
    sim::SimTime since;
    void set(bool unavailable, sim::SimTime now);
};

struct PartitionSummary {
    std::vector<TimelineEntry> timeline;
    Spans write_unavailable;
    Spans read_unavailable;
    bool has_leader = false;
    Offset high_watermark, log_end_offset, log_start_offset;
    int unclean_elections = 0;
};

struct FaultRecord {
    std::int32_t fault = 0;
    sim::SimTime time;
    BrokerSlot target = no_slot; // process number, as FaultHappened gives it
    bool undone = false;
    bool missed = false;
    std::optional<OperationStep> step{}; // of a rolling restart
};

/// Follows facts while the run goes on, reads the final logs at its end.
class Ledger : public Observer {
  public:
    explicit Ledger(const Configuration& configuration);
    void on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) override;
    void after_step(const World& world) override;
    void at_end(const World& world) override;

    std::vector<StreamSummary> streams;     // by stream
    std::vector<ProducerSummary> producers; // by producer
    Applications applications;
    Consumption consumption;
    LagHistory lag;
    EndToEnd end_to_end;
    MemberReadings member_readings;
    StoredState stored_state;
    Transactions transactions;
    Copies copies;
    Operations operations;
    Compaction compaction;
    std::vector<ConsumerSummary> consumers;   // by consumer; of a group at its first member
    std::vector<PartitionSummary> partitions; // by partition
    std::vector<FaultRecord> faults;
    std::vector<Loss> losses;
    std::map<std::string, std::int64_t> ignored;
    std::int64_t replicated_bytes = 0;
    int lossy_failures = 0; // power losses, wiped disks, tails that recovery cut off

  private:
    struct Removal {
        BrokerSlot broker;
        StreamIndex stream;
        std::int64_t first, end;
        sim::SimTime time;
        RemovalCause cause;
    };
    struct Written {
        std::int64_t first, end;
        Evidence evidence;
    };
    struct StreamState {
        std::int64_t sent = 0;
        Ranges acknowledged, failed, written, expired;
        std::vector<Written> evidence; // in order of the broker's answers
    };
    const Configuration& configuration_;
    std::vector<StreamState> state_;
    std::vector<Ranges> lost_; // by stream
    std::vector<Removal> removals_;
    std::vector<sim::SimTime> last_progress_;    // by producer
    std::vector<std::int64_t> waiting_;          // undecided records, by producer
    std::vector<std::vector<Ranges>> delivered_; // by consumer and partition: offsets
    std::vector<std::vector<Ranges>> given_;     // by consumer and stream: records
    std::vector<bool> truncated_;                // by partition: offsets may have been written twice
    std::vector<Offset> consumer_at_;            // by consumer x partition
    std::vector<Offset> stable_; // by partition: the highest last stable offset of any leader so far
    bool availability_changed_ = true;

    ProducerIndex producer_of(StreamIndex stream) const { return configuration_.stream(stream).producer; }
    void on_client(sim::SimTime time, const Fact& fact, const World& world);
    void on_replica(sim::SimTime time, const Fact& fact);
    void expose(PartitionIndex partition, BrokerSlot leader, const World& world);
    void decided(ProducerIndex producer, sim::SimTime time, std::int64_t count);
    void on_delivered(const fact::Delivered& fact, const World& world);
    void update_availability(const World& world);
    void read_final_log(const World& world, PartitionIndex partition);
    void find_losses(const World& world, PartitionIndex partition, StreamIndex stream, const Ranges& lost);
    void summarise_consumers(const World& world);
    std::int64_t written_anew(const Log& log, std::size_t consumer, PartitionIndex partition, Offset first,
                              Offset end) const;
    void count_unread(const World& world, std::size_t consumer, PartitionIndex partition);
    std::int64_t undelivered(const Batch& batch, const Ranges& delivered) const;
};

/// Members of a group read as one: position of the first of them in Configuration::consumers.
std::size_t first_of_readers(const Configuration& configuration, ConsumerIndex consumer);
/// Whether `acks` can be satisfied for the partition now. Source: semantics 2.1, 2.2.
bool can_write(const World& world, PartitionIndex partition, Acks acks);
bool can_read(const World& world, PartitionIndex partition);
/// The evidence in words: "acks=1: the leader alone".
std::string evidence_text(const Evidence& evidence, const Configuration& configuration);
std::string cause_text(RemovalCause cause);

} // namespace kafka
