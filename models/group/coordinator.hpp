#pragma once
// The groups that a broker coordinates.

namespace kafka {

/// What a group coordinator knows while its process lives; it is rebuilt from the log on loading.
/// Leaves out: everything yet; groups come with models/group/classic and models/group/consumer.
struct GroupCoordinator {
    bool operator==(const GroupCoordinator&) const = default;
};

} // namespace kafka
