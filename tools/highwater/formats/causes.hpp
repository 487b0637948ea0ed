#pragma once
// Which fact another process must have known of: the messages of a run, as far as its facts identify them.

#include "tools/highwater/formats/processes.hpp"

#include <deque>
#include <map>
#include <tuple>

namespace highwater {

/// What a message was, for those who colour arrows.
enum class MessageKind { produce, replicate, acknowledge, control, consume, group, transaction };
const char* word(MessageKind kind);

/// Shape: `from` is a place in the list of entries, in another process as a rule.
struct Cause {
    std::size_t from = 0;
    MessageKind kind{};
};

/// Reads facts in order and tells the causes of each.
/// A cause is named only when it must have come before: of several sends that may have arrived the k-th
/// arrival takes the k-th, of several answers the first after the request. What is lost on the way has no
/// arrow. Leaves out: heartbeats, empty fetches, metadata requests, votes (no fact tells of them).
class Causes {
  public:
    /// Causes of the next entry; valid until the next call.
    const std::vector<Cause>& of(const kafka::Fact& fact);

  private:
    using Slot = std::int32_t;
    using Key2 = std::pair<std::int64_t, std::int64_t>;
    using Key3 = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
    struct Served {
        std::size_t at = 0;
        kafka::Offset first, end;
    };
    struct Sent {
        Slot broker = -1;
        std::size_t at = 0;
    };
    struct Answer {
        std::size_t at = 0;
        kafka::ErrorCode error{};
    };
    struct Decided { // by the controller, last
        Slot leader = -1;
        std::int32_t leader_epoch = -1;
        kafka::BrokerSet isr;
    };
    struct Marks { // offsets that rose, with their places
        std::vector<std::pair<std::int64_t, std::size_t>> risen;
    };
    std::size_t at_ = 0; // place of the entry that is read
    std::vector<Cause> found_;
    std::map<Key3, std::deque<std::size_t>> sends_; // broker, stream, first
    std::map<Key2, Sent> last_send_;                // stream, first
    std::map<Key3, std::vector<Answer>> answers_;   // broker, stream, first: since the last send there
    std::map<std::tuple<Slot, Slot, Slot>, Served> served_; // leader, partition, follower
    std::map<Key2, Slot> leader_of_follower_;               // broker, partition
    std::map<std::tuple<Slot, Slot, Slot, std::int64_t>, std::size_t> appended_; // broker, partition, stream,
                                                                                 // first: the earliest
    std::map<Key2, std::pair<std::int64_t, std::size_t>> last_append_; // broker, partition: end offset, place
    std::map<Slot, Decided> decided_;                                  // partition
    std::map<Key2, Marks> ends_;                                       // broker, partition: log ends
    std::map<Key2, Marks> marks_;                                      // broker, partition
    std::map<Key2, std::size_t> by_leader_epoch_;                      // partition, leader epoch: the first
    std::map<Key2, std::size_t> by_partition_epoch_;
    std::map<std::tuple<Slot, Slot, std::uint64_t>, std::size_t> proposals_; // partition, epoch, set
    std::map<Slot, std::size_t> started_;                                    // broker
    std::map<Key2, std::size_t> elected_;                                    // voter, epoch
    std::map<Key3, std::size_t> commits_, commits_stored_;                   // consumer, partition, offset
    std::map<Slot, Slot> group_of_;                                          // consumer
    std::map<Key2, std::size_t> generations_;                                // group, generation: the first
    std::map<std::int64_t, std::size_t> prepared_;                           // producer id
    std::map<Slot, std::int64_t> id_of_;                                     // producer

    void cause(std::size_t from, MessageKind kind) { found_.push_back({from, kind}); }
    void arrived(kafka::BrokerSlot broker, kafka::StreamIndex stream, kafka::Value first);
    void answered(kafka::StreamIndex stream, kafka::Value first, const kafka::ErrorCode* error);
    void marked(kafka::BrokerSlot broker, kafka::PartitionIndex partition, kafka::Offset high_watermark);

    void read(const kafka::fact::ProduceSent& f);
    void read(const kafka::fact::BatchAppended& f);
    void read(const kafka::fact::DuplicateDetected& f);
    void read(const kafka::fact::ProduceAnswered& f);
    void read(const kafka::fact::RecordsAcknowledged& f);
    void read(const kafka::fact::ProduceRetried& f);
    void read(const kafka::fact::FetchServed& f);
    void read(const kafka::fact::HighWatermarkMoved& f);
    void read(const kafka::fact::PartitionChanged& f);
    void read(const kafka::fact::BecameLeader& f);
    void read(const kafka::fact::BecameFollower& f);
    void read(const kafka::fact::ClientMetadataUpdated& f);
    void read(const kafka::fact::IsrProposed& f);
    void read(const kafka::fact::BrokerChanged& f);
    void read(const kafka::fact::QuorumRoleChanged& f);
    void read(const kafka::fact::Delivered& f);
    void read(const kafka::fact::CommitSent& f);
    void read(const kafka::fact::OffsetCommitted& f);
    void read(const kafka::fact::CommitAnswered& f);
    void read(const kafka::fact::MemberJoined& f);
    void read(const kafka::fact::GroupChanged& f);
    void read(const kafka::fact::PartitionAssigned& f);
    void read(const kafka::fact::TransactionBegun& f);
    void read(const kafka::fact::TransactionChanged& f);
    void read(const kafka::fact::MarkerWritten& f);
    void read(const kafka::fact::TransactionEnded& f);
    template <class F> void read(const F&) {}
};

} // namespace highwater
