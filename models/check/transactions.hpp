#pragma once
// What became of transactions, by what their applications were told and by what readers can see.

#include "models/check/ranges.hpp"
#include "models/check/visibility.hpp"
#include "models/cluster/observer.hpp"

#include <vector>

namespace kafka {

/// What the application of a transaction knows of its end.
enum class ToldOutcome : std::uint8_t { unknown, committed, aborted };

struct TransactionSummary { // of one producer
    std::int64_t begun = 0;
    std::int64_t committed = 0; // the application was told
    std::int64_t aborted = 0;
    std::int64_t unknown = 0; // it was never told: a crash, a fence, or the end of the run
    std::int64_t fenced = 0;  // times that it was told that another producer has its transactional.id
};

struct TransactionTotals {
    std::int64_t torn = 0;            // transactions of which readers see a part for good
    std::int64_t missing = 0;         // records of transactions that were said to be committed, not visible
    std::int64_t aborted_visible = 0; // records of transactions that were said to be aborted, visible
    std::int64_t hanging = 0;         // open in a partition, and no coordinator knows of them
    std::int64_t open = 0;            // still going on at the end, in all partitions
};

/// Part of the ledger. Judged only where it is at rest: a transaction whose markers are under way, or that a
/// partition without leader takes part in, is nobody's fault. Source: reference/anomalies.md B1
/// (torn-transaction, G1a). Leaves out: records that the application has sent in two transactions are
/// counted as copies and not judged here.
class Transactions {
  public:
    explicit Transactions(const Configuration& configuration);
    void on(const Fact& fact);
    void at_end(const World& world);

    std::vector<TransactionSummary> producers; // by producer
    TransactionTotals totals;

  private:
    struct Piece {
        StreamIndex stream;
        std::int64_t first = 0;
        std::int64_t end = 0;
    };
    struct One {
        ProducerIndex producer;
        ToldOutcome told = ToldOutcome::unknown;
        std::vector<Piece> pieces;
    };
    struct Seen { // of one stream, in the final log
        Ranges committed, open;
        bool available = false;
    };
    const Configuration& configuration_;
    std::vector<One> all_;
    std::vector<std::int64_t> current_;   // by producer: position in `all_`; -1 = none is open
    std::vector<Ranges> compacted_;       // by stream: the cleaner removed them
    std::vector<Ranges> sent_, again_;    // by stream: values in a transaction, and in more than one
    std::vector<TransactionState> state_; // by transactional id, as last committed
    std::vector<ProducerId> ids_;         // likewise

    void add(StreamIndex stream, std::int64_t first, std::int64_t count);
    void told(ProducerIndex producer, ToldOutcome outcome);
    void judge(const One& one, const std::vector<Seen>& seen);
    std::vector<Seen> read_logs(const World& world);
    void find_hanging(const World& world, PartitionIndex partition);
};

} // namespace kafka
