#pragma once
// What must hold between transaction coordinators and the logs of the partitions in transactions.

#include "models/cluster/observer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kafka {

/// Rules of transactions; each is *always*. Source: reference/anomalies.md B2 (Vanlightly's transactions
/// diary), KIP-98, KIP-890.
enum class TransactionRule : std::uint8_t {
    markers_follow_a_decision,     // no marker before its PrepareCommit or PrepareAbort stands in the log
    transactions_have_one_outcome, // every partition of a decided transaction gets the same marker
    last_stable_offset_is_decided, // no open transaction below it, and it is at most the high watermark
    coordinator_epochs_grow,       // in the markers that a partition takes from a producer
    producer_epochs_grow,          // of a producer id, and each belongs to one transactional id
};

/// A rule that an event has broken.
struct TransactionBreach {
    TransactionRule rule{};
    PartitionIndex partition;
    std::string text;
};

/// Judges facts of transactions. A value; `Invariants` counts what it finds.
class TransactionRules {
  public:
    explicit TransactionRules(const Configuration& configuration);
    /// `lossy` = the partition of __transaction_state has lost what was committed: its epochs may fall.
    void on_changed(const fact::TransactionChanged& fact, bool lossy, std::vector<TransactionBreach>& found);
    /// `lossy` = the marker's partition has lost what was committed.
    void on_marker(const fact::MarkerWritten& fact, bool lossy, const World& world,
                   std::vector<TransactionBreach>& found);
    void on_stable(const fact::LastStableOffsetMoved& fact, const World& world,
                   std::vector<TransactionBreach>& found);

  private:
    struct Identity { // of a transactional id, as last committed
        ProducerId producer_id = no_producer_id;
        std::int16_t producer_epoch = -1;
    };
    struct Owner {
        ProducerId producer_id = no_producer_id;
        TransactionalIdIndex transactional_id = no_transactional_id;
    };
    struct Taken { // the newest coordinator epoch that a partition has taken
        PartitionIndex partition;
        ProducerId producer_id = no_producer_id;
        Epoch coordinator_epoch = no_epoch;
    };
    const Configuration& configuration_;
    std::vector<Identity> identities_; // by transactional id
    std::vector<Owner> owners_;        // sorted by producer id
    std::vector<Taken> taken_;         // sorted by partition and producer id
    std::vector<Offset> decided_;      // by partition: all below was looked at

    void on_effect(const fact::MarkerWritten& fact, std::optional<ControlType> latest, bool lossy,
                   std::vector<TransactionBreach>& found);
};

} // namespace kafka
