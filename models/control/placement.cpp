#include "models/control/placement.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// Brokers of one rack.
/// Source: StripedReplicaPlacer.BrokerList.
struct Rack {
    std::string name;
    std::vector<BrokerSlot> brokers;
    std::size_t index = 0;  // taken in this epoch
    std::size_t offset = 0; // of the first to take
    int epoch = 0;

    /// The next broker for the partition `current`, or no_slot when all have been taken for it.
    BrokerSlot take(int current) {
        if (epoch != current) {
            epoch = current;
            index = 0;
            offset = (offset + 1) % brokers.size();
        }
        if (index >= brokers.size()) return no_slot;
        return brokers[(index++ + offset) % brokers.size()];
    }
};

struct Racks {
    std::vector<Rack> racks; // sorted by name
    std::size_t offset = 0;  // of the rack that comes first
    std::size_t brokers = 0;
    int epoch = 0;
};

template <class T> void shuffle(std::vector<T>& items, const DrawBelow& draw) {
    if (!draw) return;
    for (std::size_t count = items.size(); count > 1; --count)
        std::swap(items[count - 1], items[static_cast<std::size_t>(draw(count))]);
}

Racks sorted_racks(const std::vector<std::string>& names, const DrawBelow& draw) {
    Racks all;
    all.brokers = names.size();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto same = [&](const Rack& rack) { return rack.name == names[i]; };
        auto at = std::find_if(all.racks.begin(), all.racks.end(), same);
        if (at == all.racks.end()) at = all.racks.insert(at, Rack{names[i], {}});
        at->brokers.push_back(BrokerSlot{static_cast<std::int32_t>(i)});
    }
    std::sort(all.racks.begin(), all.racks.end(),
              [](const Rack& a, const Rack& b) { return a.name < b.name; });
    if (!draw) return all;
    for (Rack& rack : all.racks)
        rack.offset = static_cast<std::size_t>(draw(rack.brokers.size()));
    all.offset = static_cast<std::size_t>(draw(all.racks.size()));
    return all;
}

/// Source: StripedReplicaPlacer.RackList.place.
Assignment place_one(Racks& all, int replication_factor, const DrawBelow& draw) {
    if (static_cast<std::size_t>(all.epoch) == all.brokers && all.brokers > 1) {
        shuffle(all.racks,
                draw); // as many partitions as brokers: begin anew, so that assignments do not repeat
        for (Rack& rack : all.racks)
            shuffle(rack.brokers, draw);
        all.epoch = 0;
    }
    if (all.offset == all.racks.size()) all.offset = 0;
    const std::size_t count = all.racks.size();
    std::size_t leader_rack = all.offset;
    BrokerSlot leader = all.racks[leader_rack].take(all.epoch);
    for (std::size_t tried = 1; leader == no_slot; ++tried) {
        SIM_ASSERT(tried < count, "some rack has a broker left");
        leader_rack = (leader_rack + 1) % count;
        leader = all.racks[leader_rack].take(all.epoch);
    }
    Assignment assignment;
    assignment.add(leader);
    bool skipped = false; // the leader's rack has its replica in the first round
    std::size_t rack = all.offset;
    for (std::size_t tried = 0; assignment.count < replication_factor; ++tried, rack = (rack + 1) % count) {
        SIM_ASSERT(tried < count * (all.brokers + 1), "some rack has a broker left");
        if (rack == leader_rack && !skipped) {
            skipped = true;
            continue;
        }
        const BrokerSlot broker = all.racks[rack].take(all.epoch);
        if (broker != no_slot) assignment.add(broker);
    }
    all.epoch += 1;
    all.offset += 1;
    return assignment;
}

} // namespace

std::vector<Assignment> place_replicas(const std::vector<std::string>& racks, int partitions,
                                       int replication_factor, const DrawBelow& draw) {
    SIM_ASSERT(replication_factor >= 1, "a partition has a replica");
    SIM_ASSERT(replication_factor <= Assignment::capacity, "an assignment holds eight replicas");
    SIM_ASSERT(static_cast<std::size_t>(replication_factor) <= racks.size(),
               "each replica has a broker of its own");
    Racks all = sorted_racks(racks, draw);
    std::vector<Assignment> assignments;
    assignments.reserve(static_cast<std::size_t>(partitions));
    for (int partition = 0; partition < partitions; ++partition)
        assignments.push_back(place_one(all, replication_factor, draw));
    return assignments;
}

} // namespace kafka
