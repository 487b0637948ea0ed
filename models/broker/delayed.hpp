#pragma once
// Requests that wait until what they appended is below the high watermark.

#include "models/turn/turn.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace kafka {

/// Shape: a part for each partition, with `partition` and `pending`. Source: DelayedProduce; semantics 2.3.
template <class P> struct Delayed {
    using Part = P;
    sim::ConnectionId connection;
    Correlation correlation = 0;
    std::uint32_t round = 0;
    sim::EventHandle timer;
    std::vector<Part> parts;
    bool operator==(const Delayed& o) const {
        return connection == o.connection && correlation == o.correlation && round == o.round &&
               parts == o.parts;
    }
};

template <class P> bool is_pending(const Delayed<P>& delayed) {
    return std::any_of(delayed.parts.begin(), delayed.parts.end(),
                       [](const P& part) { return part.pending; });
}

/// Something happened to `partition`: calls `decide(part)` for what waits there, and `answer(delayed)` for
/// requests of which nothing is pending any more. Either may append to `waiting`.
template <class P, class Decide, class Answer>
void complete(std::vector<Delayed<P>>& waiting, PartitionIndex partition, Turn& turn, Decide&& decide,
              Answer&& answer) {
    for (std::size_t i = 0; i < waiting.size();) {
        bool concerned = false;
        for (std::size_t n = 0; n < waiting[i].parts.size(); ++n) {
            P& part = waiting[i].parts[n];
            if (part.partition != partition || !part.pending) continue;
            concerned = true;
            decide(part);
        }
        if (!concerned || is_pending(waiting[i])) {
            ++i;
            continue;
        }
        Delayed<P> done = std::move(waiting[i]);
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
        turn.cancel(done.timer);
        answer(done);
        i = 0; // answering may have started another request of the connection
    }
}

/// The request whose time is over, taken out; nothing when it was answered before.
template <class P>
std::optional<Delayed<P>> take_expired(std::vector<Delayed<P>>& waiting, std::uint32_t round) {
    const auto at = std::find_if(waiting.begin(), waiting.end(),
                                 [&](const Delayed<P>& delayed) { return delayed.round == round; });
    if (at == waiting.end()) return std::nullopt;
    Delayed<P> done = std::move(*at);
    waiting.erase(at);
    return done;
}

} // namespace kafka
