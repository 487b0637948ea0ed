#pragma once
// What became of single records: a value that is copied with the world, and asked when the run is over.

#include "models/check/compaction.hpp"
#include "models/check/consumption.hpp"
#include "models/check/ranges.hpp"

#include <optional>
#include <vector>

namespace highwater {

/// One record: the n-th that a producer sent to a partition.
struct RecordId {
    kafka::StreamIndex stream{-1};
    std::int64_t value = 0;
    bool operator==(const RecordId&) const = default;
};

/// What may have gone wrong with a record, the worst first.
enum class Mishap : std::uint8_t { lost, duplicated, skipped, processed_twice, none };
constexpr const char* mishap_names[] = {"lost", "duplicated", "skipped", "processed_twice", "none"};
constexpr const char* name(Mishap mishap) { return mishap_names[static_cast<std::size_t>(mishap)]; }

/// The fate of one record at the end of a run.
struct Fate {
    bool sent = false, acknowledged = false, failed = false; // as its sender was told last
    bool has_leader = true;                                  // somebody can be asked for it
    int copies = 0;                                          // in the final log; more than one counts as two
    bool skipped = false;                                    // by a reader or a group
    bool compacted = false;       // superseded by a newer record of its key, and removed
    bool processed_twice = false; // by a group whose sink is not idempotent
    bool has(Mishap mishap) const;
    /// The worst that happened.
    Mishap worst() const;
};

/// Follows all records of a run by ranges.
/// Shape:  a copy goes on where the original stood. Records of coordinators are left out.
class Fates : public kafka::Observer {
  public:
    explicit Fates(const kafka::Configuration& configuration);
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    void at_end(const kafka::World& world) override;

    /// After the end.
    Fate of(const RecordId& record) const;
    /// The first record with the worst mishap that any record had; nothing when all went well.
    std::optional<RecordId> first_victim() const;
    /// How many records have this mishap, from `record` on without a gap in the same stream.
    std::int64_t companions(const RecordId& record, Mishap mishap) const;
    /// How many records of all producers have this mishap.
    std::int64_t count(Mishap mishap) const;
    /// Place of a record among all of its producer, in the order of send(): the same record in another run,
    /// which may have put it elsewhere. -1 when it was never sent.
    std::int64_t ordinal(const RecordId& record) const;
    std::optional<RecordId> at_ordinal(kafka::ProducerIndex producer, std::int64_t ordinal) const;
    /// The record at an offset: one that was acknowledged there and lost, else that of the final log, else
    /// one that was acknowledged there.
    std::optional<RecordId> at_offset(kafka::PartitionIndex partition, std::int64_t offset) const;
    const kafka::Consumption& consumption() const { return consumption_; }

  private:
    struct Sent { // records of a producer in the order of send()
        std::int64_t ordinal = 0;
        kafka::StreamIndex stream;
        std::int64_t first = 0, end = 0;
    };
    struct Stored { // a batch of a final log
        std::int64_t offset = 0;
        kafka::StreamIndex stream;
        std::int64_t first = 0, end = 0;
    };
    struct OfStream {
        kafka::Ranges sent, acknowledged, failed, present, twice, lost, skipped, processed, processed_twice,
            compacted;
    };
    const kafka::Configuration* configuration_;
    std::vector<OfStream> streams_;
    std::vector<std::vector<Sent>> sent_;            // by producer
    std::vector<std::vector<Stored>> stored_;        // by partition
    std::vector<std::vector<Stored>> told_;          // by partition: as acknowledged, with an offset
    std::vector<bool> has_leader_;                   // by partition
    std::vector<kafka::Ranges> delivered_;           // by reader x stream
    std::vector<std::int64_t> position_;             // by reader x partition: end of what it was handed
    std::vector<std::vector<kafka::Ranges>> groups_; // by group and stream: processed
    kafka::Consumption consumption_;
    kafka::Compaction compaction_;

    void on_sent(const kafka::fact::RecordsSent& sent);
    void read_log(const kafka::World& world, kafka::PartitionIndex partition);
    void find_skipped();
    const kafka::Ranges& of(const OfStream& stream, Mishap mishap) const;
};

} // namespace highwater
