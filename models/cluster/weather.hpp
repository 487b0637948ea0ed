#pragma once
// Random faults as a plain list, drawn before the run.

#include "models/turn/configuration.hpp"

#include <memory>

namespace kafka {

/// The configuration with its weather drawn for `seed`: ordinary faults in order of time, after the
/// scenario's own. The same pointer when there is no weather. Shape:  each family has its own random stream,
/// so that another family, or another bound on one, never moves
///         a fault; who is under what configuration does not enter, so that all presets meet the same faults.
std::shared_ptr<const Configuration> with_weather(std::shared_ptr<const Configuration> configuration,
                                                  std::uint64_t seed);

/// Faults of one family under `seed`, in order of time: each begins in [from, until), gaps are exponential, a
/// target that is still down is not hit again, and never more than `at_most` are there at once.
std::vector<Fault> draw_weather(const WeatherFamily& family, std::uint64_t seed);

/// The family as a swarm's `seed` has it: there or not, and from four times as often to a fourth as often.
/// Source: Groce et al., "Swarm testing" (2012): runs that leave out features find what runs with all of them
/// hide.
std::optional<WeatherFamily> swarmed(const WeatherFamily& family, std::uint64_t seed);
/// Without the faults that would break the bounds over all families. Shape: `faults` in order of time.
std::vector<Fault> within_tolerance(std::vector<Fault> faults, const Configuration& configuration);
/// What breaks the bound on purpose: one broker too many loses its power, all at one instant.
Fault beyond_tolerance(const Configuration& configuration, std::uint64_t seed);

/// A length with the exponential distribution of this mean, from 64 uniform bits.
/// Source: inversion, -mean * ln(u); the logarithm by repeated squaring in integers, exact to 2^-31 of the
/// mean.
sim::Duration exponential(sim::Duration mean, std::uint64_t bits);

} // namespace kafka
