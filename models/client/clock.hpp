#pragma once
// Instants of the wall clock that all clients keep.

#include "models/client/metadata_view.hpp"
#include "models/turn/clock.hpp"

namespace kafka::parts {

/// Source: ClusterConnectionStates (lastConnectAttemptMs, connectionSetupTimeoutMs).
inline void move_link(NodeConnection& link, sim::Duration moved) {
    move_instant(link.retry_at, moved);
    move_instant(link.setup_deadline, moved);
}

/// Source: Metadata.lastRefreshMs: after a step back nobody asks again before the clock has come so far.
inline void move_metadata(MetadataView& metadata, sim::Duration moved) {
    move_instant(metadata.refreshed, moved);
    move_instant(metadata.attempted, moved);
    move_instant(metadata.deadline, moved);
}

} // namespace kafka::parts
