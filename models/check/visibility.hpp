#pragma once
// What readers may see of a log with transactions, read from the log itself.

#include "models/cluster/world.hpp"
#include "models/settings/settings.hpp"

#include <vector>

namespace kafka {

/// What a log says of a batch. `control`: a marker, or a batch that the cleaner has emptied: nobody gets
/// anything of it. `open`: no marker of its transaction stands below the end that was asked for.
enum class BatchFate : std::uint8_t { committed, aborted, open, control };

/// By batch, for all that end at `end` or before. Batches outside of transactions are committed.
/// The naive way: from the beginning to the end.
std::vector<BatchFate> fates_of(const Log& log, Offset end);
/// First offset that readers of this isolation level do not see on the replica.
Offset readable_end(const Replica& replica, IsolationLevel isolation);
/// Records in [from, to) of a leader's log that such a reader should get.
std::int64_t visible_records(const Log& log, const Replica& replica, Offset from, Offset to,
                             IsolationLevel isolation);
/// What of the batch stands at or above the log start offset; nothing is left of one that lies below it.
Batch served_part(Batch batch, Offset log_start);
IsolationLevel isolation_of(const ConsumerConfiguration& consumer);

} // namespace kafka
