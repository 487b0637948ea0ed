#pragma once
// How a process that measures time-outs by its host's wall clock lives with a clock that moves.

#include "models/turn/turn.hpp"

#include <algorithm>

namespace kafka {

/// What a process has seen of its wall clock. The instants that it keeps are true times; when the clock has
/// moved, they are moved the other way before the process acts again: a deadline comes sooner after a step
/// forward, and later after one back. Nobody is woken by a step: a thread that waits in select() or poll()
/// waits for a length of time. A clock that drifts moves a little between any two events.
/// Source: SystemTime.milliseconds (System.currentTimeMillis); Utils.timer, Timer.update: its own time never
/// falls, so that a Timer that is reset after a step back counts from where the clock had been.
struct ClockView {
    sim::Duration seen;  // ahead of the true time, when the process looked last
    sim::SimTime timers; // when the clock will show again what its Timers have seen; in the past: they agree
    bool operator==(const ClockView&) const = default;
};

/// How far the clock has moved since the process has looked; it has looked now.
inline sim::Duration take_move(ClockView& view, const Turn& turn) {
    const sim::Duration moved = turn.clock_ahead() - view.seen;
    view.seen = view.seen + moved;
    const bool back = moved < sim::Duration{0};
    view.timers = (back ? std::max(view.timers, turn.now) : view.timers) - moved;
    return moved;
}

/// A process that has just been started knows no other time.
inline ClockView fresh_view(const Turn& turn) { return {turn.clock_ahead(), {}}; }

/// The time that a Timer counts from when it is reset.
inline sim::SimTime timer_time(const ClockView& view, const Turn& turn) {
    return std::max(turn.now, view.timers);
}

/// Moves an instant that was taken from the wall clock; one that was never set, or never comes, stays.
inline void move_instant(sim::SimTime& instant, sim::Duration moved) {
    if (instant != sim::SimTime{0} && instant != sim::SimTime::never()) instant = instant - moved;
}

} // namespace kafka
