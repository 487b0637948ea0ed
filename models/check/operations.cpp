#include "models/check/operations.hpp"

#include <algorithm>

namespace kafka {

Operations::Summary* Operations::find(std::int32_t fault) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const Summary& one) { return one.fault == fault; });
    return at == all.end() ? nullptr : &*at;
}

Operations::Summary& Operations::begin(std::int32_t fault, sim::SimTime time) {
    if (Summary* known = find(fault)) return *known;
    Summary fresh;
    fresh.fault = fault;
    fresh.began = time;
    all.push_back(fresh);
    return all.back();
}

/// What is done at once (delete_topic, unregister, finalize, --cancel) is over when it happens, unless it is
/// refused.
void Operations::on(sim::SimTime time, const Fact& fact, const Configuration& configuration) {
    if (const auto* happened = std::get_if<fact::FaultHappened>(&fact)) {
        const Fault& fault = configuration.faults[static_cast<std::size_t>(happened->fault)];
        if (fault.kind < FaultKind::roll || fault.kind > FaultKind::finalize) return;
        Summary& summary = begin(happened->fault, time);
        const bool lasts =
            fault.kind == FaultKind::roll || (fault.kind == FaultKind::reassign && !fault.cancel);
        if (lasts) return;
        summary.state = State::over;
        summary.ended = time;
        return;
    }
    const auto* moved = std::get_if<fact::OperationMoved>(&fact);
    if (moved == nullptr) return;
    Summary& summary = begin(moved->fault, time);
    const auto step = std::find_if(summary.steps.rbegin(), summary.steps.rend(),
                                   [&](const Step& one) { return one.target == moved->target; });
    const auto finish = [&](State state) {
        summary.state = state;
        summary.ended = time;
    };
    switch (moved->step) {
    case OperationStep::began:
        return;
    case OperationStep::stopping:
        summary.steps.push_back({moved->target, time, std::nullopt, std::nullopt});
        return;
    case OperationStep::starting:
        if (step != summary.steps.rend()) step->started = time;
        return;
    case OperationStep::back:
        if (step != summary.steps.rend()) step->back = time;
        return;
    case OperationStep::over:
        return finish(State::over);
    case OperationStep::gave_up:
        return finish(State::gave_up);
    case OperationStep::cancelled:
        return finish(State::cancelled);
    case OperationStep::refused:
        if (moved->partition.value >= 0) summary.refused.push_back(moved->partition);
        return finish(State::refused);
    }
}

} // namespace kafka
