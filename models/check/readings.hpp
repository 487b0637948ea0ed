#pragma once
// What readers were shown: committed, the same for all, in order, and still there at the end.

#include "models/check/invariants.hpp"

namespace kafka {

/// History anomalies of reference/anomalies.md B1 that readers without groups can show. See README.md here.
class Readings : public Observer {
  public:
    explicit Readings(const Configuration& configuration);
    void on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) override;
    void at_end(const World& world) override;

    std::int64_t dirty_reads = 0;          // records above the serving leader's high watermark
    std::int64_t inconsistent_offsets = 0; // one offset, two records: within a reader or between readers
    std::int64_t phantoms = 0;             // records that nobody sent
    std::int64_t vanished = 0;             // read, and not in the final log at that offset
    std::int64_t epoch_regressions = 0;    // leader epoch of successive records went down for a reader
    std::int64_t offset_reuse = 0;         // two acknowledgements with one offset and different records
    const std::vector<Finding>& findings() const { return findings_; }

  private:
    /// Records that were seen at offsets of one partition, in pieces sorted by offset.
    struct Piece {
        std::int64_t offset, end;
        StreamIndex stream;
        std::int64_t first;
    };
    /// Whether `piece` goes on where `before` ends.
    static bool continues(const Piece& before, const Piece& piece);
    struct Seen {
        std::vector<Piece> pieces;
        /// Adds a piece; returns how many of its offsets held another record.
        std::int64_t add(const Piece& piece);
    };
    const Configuration& configuration_;
    std::vector<Seen> seen_;         // by partition, over all readers
    std::vector<Seen> acknowledged_; // by partition
    std::vector<std::int64_t> sent_; // by stream
    std::vector<Epoch> last_epoch_;  // by consumer x partition
    std::vector<Offset> exposed_;    // by partition: the highest high watermark of any leader so far
    std::vector<Finding> findings_;
    std::vector<Ranges> compacted_; // by stream: records that a cleaner removed

    void on_delivered(sim::SimTime time, const fact::Delivered& fact, const World& world);
    void find(const char* name, sim::SimTime time, PartitionIndex partition, const std::string& text);
};

} // namespace kafka
