#include "models/cluster/weather.hpp"

#include "models/turn/turn.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// Brokers that a target means whatever happens in the run; of one that the run decides, nothing is known.
BrokerSet brokers_meant(const Target& target, const Configuration& configuration) {
    const TargetKind kind = target.kind == TargetKind::host_of ? target.host : target.kind;
    BrokerSet meant;
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        const bool in_rack = kind == TargetKind::rack || kind == TargetKind::zone;
        if (kind == TargetKind::all_brokers || kind == TargetKind::site ||
            (kind == TargetKind::broker && target.broker == slot) ||
            (in_rack && configuration.brokers[i].rack == target.rack))
            meant.add(slot);
    }
    return meant;
}

bool is_lossy(FaultKind kind) { return kind == FaultKind::power_loss || kind == FaultKind::wipe_disk; }

/// Whether brokers do not answer while it is there. Of a cut with two ends the first is taken to be away.
bool takes_down(FaultKind kind) {
    return is_lossy(kind) || kind == FaultKind::crash || kind == FaultKind::stop ||
           kind == FaultKind::pause || kind == FaultKind::gc || kind == FaultKind::cut ||
           kind == FaultKind::swizzle || kind == FaultKind::disk || kind == FaultKind::roll;
}

/// How many brokers it takes away of which only the run decides who they are. Of a roll those that go
/// together; one that waits for nothing may have all of its targets on their way back.
std::int32_t unknown_brokers(const Fault& fault, BrokerSet meant) {
    if (fault.kind != FaultKind::roll) return meant.empty() ? 1 : 0;
    if (fault.roll.at_once == 0 || fault.roll.wait_for == RollPolicy::Wait::nothing) return meant.size();
    return std::min(fault.roll.at_once, std::max(meant.size(), 1));
}

/// Brokers that faults have hit and that are not whole again.
class Affected {
  public:
    Affected(const Configuration& configuration, std::int32_t bound, bool (*counts)(FaultKind))
        : configuration_(configuration), bound_(bound), counts_(counts) {}

    /// Whether the fault keeps the bound. What the run decides (a leader, say) counts as one more broker.
    bool permits(const Fault& fault) const {
        if (bound_ == 0 || !counts_(fault.kind)) return true;
        const Hit own = hit_by(fault);
        BrokerSet all = own.brokers;
        std::int32_t unknown = own.unknown;
        for (const Hit& hit : hits_) {
            if (hit.until <= *fault.at_from) continue;
            all = all | hit.brokers;
            unknown += hit.unknown;
        }
        return all.size() + unknown <= bound_;
    }
    void take(const Fault& fault, sim::Duration rest) {
        if (bound_ == 0 || !counts_(fault.kind)) return;
        Hit hit = hit_by(fault);
        hit.until = *fault.at_from + *fault.lasts_from + rest;
        hits_.push_back(hit);
    }

  private:
    struct Hit {
        BrokerSet brokers;
        std::int32_t unknown = 0; // and so many whom the run decides
        sim::SimTime until;
    };
    const Configuration& configuration_;
    std::int32_t bound_;
    bool (*counts_)(FaultKind);
    std::vector<Hit> hits_;

    Hit hit_by(const Fault& fault) const {
        const BrokerSet brokers = meant(fault);
        return {fault.kind == FaultKind::roll ? BrokerSet{} : brokers, unknown_brokers(fault, brokers), {}};
    }
    BrokerSet meant(const Fault& fault) const {
        if (fault.kind == FaultKind::cut)
            return fault.targets.empty() ? BrokerSet{} : brokers_meant(fault.targets.front(), configuration_);
        BrokerSet all;
        for (const Target& target : fault.targets)
            all = all | brokers_meant(target, configuration_);
        return all;
    }
};

constexpr std::uint64_t breaking = 0x2000; // owner of these draws; families are numbered by their kind

std::uint64_t breaking_bits(std::uint64_t seed, std::uint64_t place) {
    return sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::weather), breaking, place);
}

} // namespace

std::vector<Fault> within_tolerance(std::vector<Fault> faults, const Configuration& configuration) {
    const WeatherRules& rules = configuration.weather_rules;
    Affected lossy(configuration, rules.lossy, is_lossy);
    Affected down(configuration, rules.down, takes_down);
    std::vector<Fault> kept;
    for (Fault& fault : faults) {
        if (!lossy.permits(fault) || !down.permits(fault)) continue;
        lossy.take(fault, rules.rest);
        down.take(fault, rules.rest);
        kept.push_back(std::move(fault));
    }
    return kept;
}

Fault beyond_tolerance(const Configuration& configuration, std::uint64_t seed) {
    const WeatherRules& rules = configuration.weather_rules;
    Fault fault;
    fault.kind = FaultKind::power_loss;
    fault.name = "weather beyond the bound";
    fault.pointer = "/weather/tolerance";
    const auto window = static_cast<std::uint64_t>((rules.until - rules.from).micros);
    fault.at_from =
        rules.from + sim::Duration{static_cast<std::int64_t>(sim::below(breaking_bits(seed, 0), window))};
    fault.at_to = *fault.at_from;
    fault.lasts_from = fault.lasts_to = sim::seconds(5);
    std::vector<std::size_t> left(configuration.brokers.size());
    for (std::size_t i = 0; i < left.size(); ++i)
        left[i] = i;
    for (std::int32_t i = 0; i <= rules.lossy && !left.empty(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(
            sim::below(breaking_bits(seed, 1 + static_cast<std::uint64_t>(i)), left.size()));
        const std::size_t broker = left[static_cast<std::size_t>(at)];
        left.erase(left.begin() + at);
        Target target;
        target.kind = TargetKind::broker;
        target.broker = BrokerSlot{static_cast<std::int32_t>(broker)};
        target.text = "broker " + std::to_string(configuration.brokers[broker].id.value);
        fault.targets.push_back(std::move(target));
    }
    return fault;
}

} // namespace kafka
