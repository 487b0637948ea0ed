#pragma once
// Where a follower cuts its log before it follows another leader.

#include "models/dialect/dialect.hpp"
#include "models/log/log.hpp"

namespace kafka {

/// Where to cut, and whether the leader must be asked again about an older epoch first.
struct TruncationPoint {
    Offset offset;
    bool complete = true;
    bool operator==(const TruncationPoint&) const = default;
};

/// Offset at which a follower cuts its log, given the leader's answer about the follower's latest epoch.
/// Shape:  within [log_start_offset, log_end_offset]; the end means "cut nothing".
/// Source: AbstractFetcherThread.getOffsetTruncationState; semantics 3.4, 3.5, 3.8; KIP-101, KIP-279,
/// KIP-595.
TruncationPoint truncation_point(TruncationRule rule, const Log& log, Offset high_watermark, EpochEnd answer);

} // namespace kafka
