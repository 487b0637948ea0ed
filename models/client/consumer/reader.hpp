#pragma once
// A consumer. Without a group it assigns itself all partitions of its topics and reports what it saw; with
// one it is a member, with an application around it.

#include "models/client/application/consuming.hpp"
#include "models/client/consumer/membership.hpp"
#include "models/client/metadata_view.hpp"
#include "models/client/producer/producer.hpp"

#include <vector>

namespace kafka {

/// Where a reader stands in one partition. Source: SubscriptionState.TopicPartitionState.
enum class PositionPhase : std::uint8_t {
    needs_reset,
    resetting,
    fetching,
    validating,
    stopped,
    needs_committed
};

struct ReaderPosition {
    PartitionIndex partition;
    PositionPhase phase = PositionPhase::needs_reset;
    Offset offset;
    Epoch offset_epoch = no_epoch;    // leader epoch of the last record that was read
    Epoch validated_epoch = no_epoch; // leader epoch under which the position is known to be good
    sim::SimTime not_before;
    bool in_flight = false; // part of a fetch, or asked for
    BrokerSlot asked = no_slot;
    Correlation correlation = 0; // of a question about this partition
    bool to_earliest = false;    // kind of the reset under way
    PositionCause cause{};
    BrokerSlot preferred = no_slot;  // replica to read from instead of the leader (KIP-392)
    sim::SimTime preferred_until;    // then the leader is asked again
    bool pending_revocation = false; // KIP-848: no longer fetched or returned, still committed
    bool paused = false;             // pause(): neither fetched nor returned
    bool rewound = false;            // to the committed offset, or else to the beginning
    bool operator==(const ReaderPosition&) const = default;
};

struct ReaderNode {
    NodeConnection link;
    bool fetch_in_flight = false;
    Correlation correlation = 0;
    sim::SimTime deadline = sim::SimTime::never();
    bool operator==(const ReaderNode&) const = default;
};

/// What a fetch brought for one partition, not yet returned by a poll. Source: CompletedFetch.
struct BufferedRecords {
    PartitionIndex partition;
    BrokerSlot from;
    Offset offset; // next to return
    std::vector<Batch> batches;
    std::size_t at = 0;       // batch of `offset`
    std::vector<bool> hidden; // by batch: passed over
    bool operator==(const BufferedRecords&) const = default;
};

/// Source: KafkaConsumer, AbstractFetch, OffsetFetcher; semantics 7.2, 7.3; of members:
/// ConsumerCoordinator, 7.4 to 7.6. Leaves out: what a consumer without a group would do with
/// max.poll.records and an application.
struct Reader {
    ConsumerIndex index;
    bool started = false;
    std::vector<ReaderNode> nodes; // by broker slot
    MetadataView metadata;
    std::vector<ReaderPosition> positions; // by partition; of a member: those assigned to it
    std::vector<BufferedRecords> buffered; // members, in order of arrival
    Membership member;
    Consuming thread;
    std::vector<Producer> output; // of the same process: none or one
    Correlation next_correlation = 1;
    std::int32_t next_node = 0;
    sim::SimTime wake_at = sim::SimTime::never();
    sim::EventHandle wake_handle;
    std::uint32_t wake_round = 0;
    ClockView clock;
    bool operator==(const Reader& o) const {
        return index == o.index && started == o.started && nodes == o.nodes && metadata == o.metadata &&
               positions == o.positions && buffered == o.buffered && member == o.member &&
               thread == o.thread && output == o.output && wake_at == o.wake_at &&
               wake_round == o.wake_round && clock == o.clock;
    }
};

Reader make_reader(const Configuration& configuration, ConsumerIndex index);
void start(Reader& self, Turn& turn);
/// A member that has its assignment, as far as it knows.
bool has_assignment(const Reader& self);
void on(Reader& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void on(Reader& self, const Connected& event, Turn& turn);
void on(Reader& self, const Refused& event, Turn& turn);
void on(Reader& self, const Disconnected& event, Turn& turn);
void on(Reader& self, const Writable& event, Turn& turn);
void on(Reader& self, const Timer& timer, Turn& turn);
/// Before it acts: what its clock has done since it acted last is laid on its time-outs.
void follow_clock(Reader& self, Turn& turn);
/// The process is gone: what it held is lost. Only what stands outside of it goes on with the next one.
void lose_memory(Reader& self, bool was_running, Turn& turn);
/// SIGTERM. False when the process ends at once; else the application closes the consumer and has_ended.
bool begin_stop(Reader& self, Turn& turn);
inline bool has_ended(const Reader& self) {
    return self.thread.stop_requested && self.thread.stage == ConsumingStage::ended;
}
/// The application has ended itself: its process exits.
inline bool has_halted(const Reader& self) {
    return self.thread.failing.halted && self.thread.stage == ConsumingStage::ended;
}

} // namespace kafka
