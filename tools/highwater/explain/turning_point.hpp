#pragma once
// The point of no return: from which event on the record is not to be saved, whatever does not break any
// more.

#include "models/scenario/scenario.hpp"
#include "tools/highwater/explain/biography.hpp"

namespace highwater {

struct TurningPoint {
    bool found = false;
    std::size_t step = 0;        // of the biography: the last after which every continuation ends badly
    bool from_the_start = false; // already before the first step of the biography
    int continuations = 0;       // that were tried at each candidate
    int saved_before = 0;        // of them, at the step before, so many ended well
    int forks = 0;               // continuations that were run in all
};

constexpr int continuations_each = 5;

/// Forks the run at steps of the biography and lets the copies go on without further faults: what is down
/// still comes back, links still heal, but nothing new breaks and no operator interferes. Each copy but the
/// first draws anew (network, disks), so that "every continuation" is not one. Finds by bisection the first
/// step after which the record has its mishap in every continuation. Shape:  that assumes that what is past
/// saving stays so; the step found and the one before it are both run. Leaves out: events between two steps
/// of the biography.
TurningPoint find_turning_point(const std::shared_ptr<const kafka::Configuration>& drawn, std::uint64_t seed,
                                const RecordId& record, Mishap mishap, const std::vector<Step>& steps);

/// The configuration in which the faults that have not happened in `world` do nothing.
std::shared_ptr<const kafka::Configuration> without_new_faults(const kafka::World& world);

} // namespace highwater
