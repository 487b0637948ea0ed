#pragma once
// Which brokers get which replicas when the scenario does not say.

#include "models/vocabulary/ids.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kafka {

/// A draw below a bound; empty = no randomness: all starting places are 0 and nothing is shuffled, so that an
/// assignment reads the same in every run.
using DrawBelow = std::function<std::uint64_t(std::uint64_t bound)>;

/// Places the partitions of one new topic: racks round robin from a starting rack that moves on by one with
/// each partition, and within a rack its brokers round robin. The replicas of a partition lie on different
/// racks as long as there are racks, and a rack's brokers are used up before one is used twice (never within
/// a partition).
/// Shape:  `racks` by broker slot; brokers without a rack (empty text) form one rack of their own.
/// Error:  asserts 1 <= replication_factor <= number of brokers; the scenario reader refuses it before.
/// Source: StripedReplicaPlacer (KRaft, KIP-36). Each topic of a cluster is placed by itself, as there.
/// Leaves out: fenced brokers (none at creation). Brokers of a rack are ordered by slot, Kafka's by id; Kafka
/// draws from an unseeded generator, so only its distribution can be repeated.
std::vector<Assignment> place_replicas(const std::vector<std::string>& racks, int partitions,
                                       int replication_factor, const DrawBelow& draw = {});

} // namespace kafka
