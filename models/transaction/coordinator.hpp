#pragma once
// The transactional ids that a broker coordinates.

namespace kafka {

/// What a transaction coordinator knows while its process lives; it is rebuilt from the log on loading.
/// Leaves out: everything yet; states and markers are still to come.
struct TransactionCoordinator {
    bool operator==(const TransactionCoordinator&) const = default;
};

} // namespace kafka
