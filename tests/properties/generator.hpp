#pragma once
// Random clusters, loads and fault schedules, as scenario files.

#include "models/dialect/release.hpp"
#include "models/scenario/source.hpp"
#include "tests/properties/chooser.hpp"

#include <functional>
#include <optional>

namespace properties {

/// What a case promises. Shape: `strict` = nothing acknowledged may be lost, in any release's own words.
struct Case {
    std::uint64_t seed = 0;
    kafka::Json scenario;
    bool strict = false;
};

/// What may be asked of the generator; what is not given is drawn.
struct Wish {
    std::optional<kafka::Release> release;
    bool strong_producers = true; // acks=all only
    bool crowded = false;         // short sessions and lag times, so that faults overlap with answers
};

/// The case of `seed`: a cluster of 3 to 9 brokers, replication factor 3, min.insync.replicas 2, clean
/// elections; one to three producers, up to two readers; one to eight faults that all end; then a time to
/// settle in.
Case generate(std::uint64_t seed, const Wish& wish = {});

/// The smallest scenario that `fails` still: faults, readers, producers and load are dropped one at a time.
kafka::Json shrink(kafka::Json scenario, const std::function<bool(const kafka::Json&)>& fails);

} // namespace properties
