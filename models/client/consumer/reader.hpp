#pragma once
// A consumer without a group: it assigns itself all partitions of its topics and reports what it saw.

#include "models/client/metadata_view.hpp"

#include <vector>

namespace kafka {

/// Where a reader stands in one partition. Source: SubscriptionState.TopicPartitionState.
enum class PositionPhase : std::uint8_t { needs_reset, resetting, fetching, validating, stopped };

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
    bool operator==(const ReaderPosition&) const = default;
};

struct ReaderNode {
    NodeConnection link;
    bool fetch_in_flight = false;
    Correlation correlation = 0;
    sim::SimTime deadline = sim::SimTime::never();
    bool operator==(const ReaderNode&) const = default;
};

/// Source: KafkaConsumer with assign(), AbstractFetch, OffsetFetcher; semantics 7.2, 7.3.
/// Leaves out: groups, commits, max.poll.records, isolation.level, follower fetching (a later issue).
struct Reader {
    ConsumerIndex index;
    bool started = false;
    std::vector<ReaderNode> nodes; // by broker slot
    MetadataView metadata;
    std::vector<ReaderPosition> positions; // by partition
    Correlation next_correlation = 1;
    std::int32_t next_node = 0;
    sim::SimTime wake_at = sim::SimTime::never();
    sim::EventHandle wake_handle;
    std::uint32_t wake_round = 0;
    bool operator==(const Reader& o) const {
        return index == o.index && started == o.started && nodes == o.nodes && metadata == o.metadata &&
               positions == o.positions && wake_at == o.wake_at && wake_round == o.wake_round;
    }
};

Reader make_reader(const Configuration& configuration, ConsumerIndex index);
void start(Reader& self, Turn& turn);
void on(Reader& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void on(Reader& self, const Connected& event, Turn& turn);
void on(Reader& self, const Refused& event, Turn& turn);
void on(Reader& self, const Disconnected& event, Turn& turn);
void on(Reader& self, const Writable& event, Turn& turn);
void on(Reader& self, const Timer& timer, Turn& turn);

} // namespace kafka
