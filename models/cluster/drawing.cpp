#include "models/cluster/drawing.hpp"

#include "models/cluster/weather.hpp"
#include "models/turn/turn.hpp"

namespace kafka {

std::int64_t drawn_between(std::uint64_t seed, std::int64_t from, std::int64_t to, std::int32_t fault,
                           FaultDraw what) {
    if (to <= from) return from;
    const std::uint64_t bits =
        sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::fault_time),
                       static_cast<std::uint64_t>(fault), static_cast<std::uint64_t>(what));
    return from + static_cast<std::int64_t>(sim::below(bits, static_cast<std::uint64_t>(to - from) + 1));
}

BrokerSlot drawn_broker(std::uint64_t seed, std::int32_t fault, std::size_t brokers) {
    const std::uint64_t bits = sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::target_choice),
                                              static_cast<std::uint64_t>(fault), 0);
    return BrokerSlot{static_cast<std::int32_t>(sim::below(bits, brokers))};
}

namespace {

void decide_target(Target& target, BrokerSlot drawn, const Configuration& configuration) {
    TargetKind& kind = target.kind == TargetKind::host_of ? target.host : target.kind;
    if (kind != TargetKind::any_broker) return;
    const std::string any = "any broker";
    kind = TargetKind::broker;
    target.broker = drawn;
    target.text.replace(target.text.size() - any.size(), any.size(),
                        "broker " + std::to_string(configuration.broker(drawn).id.value));
}

} // namespace

Configuration with_everything_drawn(const Configuration& configuration, std::uint64_t seed) {
    Configuration drawn = *with_weather(std::make_shared<const Configuration>(configuration), seed);
    for (std::size_t i = 0; i < drawn.faults.size(); ++i) {
        Fault& fault = drawn.faults[i];
        const auto index = static_cast<std::int32_t>(i);
        if (fault.at_from)
            fault.at_from = fault.at_to = sim::SimTime{
                drawn_between(seed, fault.at_from->micros, fault.at_to.micros, index, FaultDraw::at)};
        fault.by_from = fault.by_to = sim::Duration{
            drawn_between(seed, fault.by_from.micros, fault.by_to.micros, index, FaultDraw::by)};
        if (fault.lasts_from)
            fault.lasts_from = fault.lasts_to = sim::Duration{drawn_between(
                seed, fault.lasts_from->micros, fault.lasts_to.micros, index, FaultDraw::lasts)};
        for (Target& target : fault.targets)
            decide_target(target, drawn_broker(seed, index, drawn.brokers.size()), drawn);
    }
    return drawn;
}

} // namespace kafka
