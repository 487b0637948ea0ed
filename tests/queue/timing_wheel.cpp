// The wheel against its naive twin.

#include "sim/queue/timing_wheel.hpp"

#include "sim/choices/choices.hpp"

#include <doctest/doctest.h>

#include <map>

namespace {

/// Naive twin: a sorted map by (time, sequence).
struct SortedQueue {
    std::map<std::pair<std::int64_t, std::uint64_t>, int> events;
    std::uint64_t sequence = 0;
    std::uint64_t schedule(std::int64_t time, int payload) {
        events[{time, sequence}] = payload;
        return sequence++;
    }
};

struct Both {
    sim::TimingWheel<int> wheel;
    SortedQueue sorted;
    std::vector<std::pair<sim::EventHandle, std::pair<std::int64_t, std::uint64_t>>> handles;
    std::int64_t now = 0;
};

/// One random operation on both; they must agree.
void operate(Both& both, std::uint64_t bits, std::int64_t scale) {
    const std::uint64_t kind = sim::below(bits, 10);
    if (kind < 5) {
        const std::uint64_t shape = sim::below(bits * 3, 8);
        std::int64_t delay =
            static_cast<std::int64_t>(sim::below(bits * 7, static_cast<std::uint64_t>(scale)));
        if (shape == 0) delay = 0;                                       // ties
        if (shape == 1) delay = delay / 64 * 64;                         // ties
        if (shape == 2) delay = sim::SimTime::never().micros - both.now; // as far as it goes
        const int payload = static_cast<int>(sim::below(bits * 11, 1000));
        const std::uint64_t sequence = both.sorted.schedule(both.now + delay, payload);
        both.handles.push_back(
            {both.wheel.schedule(sim::SimTime{both.now + delay}, payload), {both.now + delay, sequence}});
    } else if (kind < 7 && !both.handles.empty()) {
        const auto& [handle, key] = both.handles[sim::below(bits * 13, both.handles.size())];
        CHECK(both.wheel.cancel(handle) == (both.sorted.events.erase(key) == 1));
    } else if (!both.sorted.events.empty()) {
        const auto first = both.sorted.events.begin();
        REQUIRE(both.wheel.next_time().micros == first->first.first);
        if (kind == 9) return; // a look changes nothing
        const auto event = both.wheel.pop();
        CHECK(event.time.micros == first->first.first);
        CHECK(event.sequence == first->first.second);
        CHECK(event.payload == first->second);
        both.now = event.time == sim::SimTime::never() ? both.now : event.time.micros;
        both.sorted.events.erase(first);
        if (event.time == sim::SimTime::never()) both.sorted.events.clear();
    }
    REQUIRE(both.wheel.size() == both.sorted.events.size());
}

} // namespace

TEST_CASE("timing wheel: pops what a sorted map pops, over many time scales") {
    for (const std::int64_t scale : {2, 100, 5000, 1000000, 40000000}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            Both both;
            for (std::uint64_t i = 0; i < 2000; ++i) {
                // Events at "never" end the twin's run: such a pop is left out by cancelling first.
                if (both.wheel.next_time() == sim::SimTime::never() && !both.wheel.empty()) break;
                operate(both, sim::draw_bits(seed, 1, static_cast<std::uint64_t>(scale), i), scale);
            }
        }
    }
}

TEST_CASE("timing wheel: a copy goes its own way") {
    sim::TimingWheel<int> wheel;
    for (int i = 0; i < 100; ++i)
        wheel.schedule(sim::SimTime{i * 37 % 50}, i);
    for (int i = 0; i < 30; ++i)
        wheel.pop();
    sim::TimingWheel<int> copy = wheel;
    CHECK(copy == wheel);
    copy.schedule(sim::SimTime{1000}, 7);
    CHECK(!(copy == wheel));
    while (!wheel.empty()) {
        const auto left = wheel.pop();
        const auto right = copy.pop();
        CHECK(left.sequence == right.sequence);
    }
    CHECK(copy.pop().payload == 7);
}

TEST_CASE("timing wheel: looking ahead does not move the cursor") {
    sim::TimingWheel<int> wheel;
    wheel.schedule(sim::SimTime{1000000}, 1);
    CHECK(wheel.next_time() == sim::SimTime{1000000});
    wheel.schedule(sim::SimTime{5}, 2); // below what was looked at
    CHECK(wheel.pop().payload == 2);
    CHECK(wheel.pop().payload == 1);
    CHECK_THROWS_AS(wheel.schedule(sim::SimTime{3}, 3), sim::AssertionFailure);
}

TEST_CASE("timing wheel: a handle means one event only") {
    sim::TimingWheel<int> wheel;
    const sim::EventHandle first = wheel.schedule(sim::SimTime{5}, 1);
    CHECK(wheel.cancel(first));
    CHECK(!wheel.cancel(first));
    wheel.schedule(sim::SimTime{6}, 2); // takes the freed place
    CHECK(!wheel.cancel(first));
    CHECK(wheel.size() == 1);
}
