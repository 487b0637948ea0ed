// The event queue alone: HOLD (pop the next, schedule another) and request/time-out cycles.

#include "tests/bench/queue.hpp"

#include "sim/core/hash.hpp"
#include "sim/queue/timing_wheel.hpp"
#include "tests/bench/heaps.hpp"
#include "tests/bench/table.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <fmt/format.h>
#include <memory>

namespace bench {

namespace {

/// The kernel's wheel with the words of the heaps.
class Wheel {
  public:
    using Handle = sim::EventHandle;
    Handle schedule(std::int64_t time, const Payload& payload) {
        return wheel_.schedule(sim::SimTime{time}, payload);
    }
    void cancel(Handle handle) { wheel_.cancel(handle); }
    Event pop() {
        const auto event = wheel_.pop();
        return {event.time.micros, event.sequence, event.payload};
    }

  private:
    sim::TimingWheel<Payload> wheel_;
};

/// Exponential gaps around a million ticks, from a table that the first-level cache holds.
class Gaps {
  public:
    explicit Gaps(std::uint64_t seed) : state_(seed) {
        for (std::size_t i = 0; i < table_.size(); ++i) {
            const double quantile = (static_cast<double>(i) + 0.5) / static_cast<double>(table_.size());
            table_[i] = static_cast<std::int64_t>(-std::log(1 - quantile) * 1e6);
        }
    }
    std::int64_t next() {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return table_[state_ >> 54] + static_cast<std::int64_t>((state_ >> 40) & 1023U);
    }

  private:
    std::uint64_t state_;
    std::array<std::int64_t, 1024> table_{};
};

/// `pending` events; one operation takes the next and schedules another.
template <class Queue> struct Hold {
    Queue queue;
    Gaps gaps{7};
    explicit Hold(std::int64_t pending) {
        for (std::int64_t i = 0; i < pending; ++i)
            queue.schedule(gaps.next(), Payload{{static_cast<std::uint64_t>(i)}});
    }
    Event once() {
        Event event = queue.pop();
        event.payload.words[1] += 1;
        queue.schedule(event.time + gaps.next(), event.payload);
        return event;
    }
};

/// Half of the pending events are answers, half the time-outs that they cancel in time.
template <class Queue> struct Cycle {
    static constexpr std::int64_t time_out = 20000000; // beyond the greatest gap
    Queue queue;
    Gaps gaps{7};
    std::vector<typename Queue::Handle> time_outs;
    explicit Cycle(std::int64_t pending) {
        for (std::int64_t i = 0; i < pending / 2; ++i)
            begin(0, static_cast<std::uint64_t>(i));
    }
    void begin(std::int64_t now, std::uint64_t request) {
        if (request >= time_outs.size()) time_outs.resize(request + 1);
        queue.schedule(now + gaps.next(), Payload{{request}});
        time_outs[request] = queue.schedule(now + time_out, Payload{{request, 1}});
    }
    Event once() {
        const Event answer = queue.pop();
        queue.cancel(time_outs[answer.payload.words[0]]);
        begin(answer.time, answer.payload.words[0]);
        return answer;
    }
};

template <class Work> void measure(benchmark::State& state, std::int64_t pending) {
    auto work = std::make_unique<Work>(pending);
    for (std::int64_t i = 0; i < 2 * pending; ++i)
        work->once();
    for (auto _ : state)
        benchmark::DoNotOptimize(work->once());
}

template <class Work> void add(const std::string& name, std::int64_t pending) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [pending](benchmark::State& state) { measure<Work>(state, pending); });
}

template <class Work> std::uint64_t order_of(std::int64_t pending, std::int64_t operations) {
    Work work(pending);
    std::uint64_t hash = 0;
    for (std::int64_t i = 0; i < operations; ++i) {
        const Event event = work.once();
        hash = sim::mix(hash, static_cast<std::uint64_t>(event.time) ^ (event.sequence << 40));
    }
    return hash;
}

std::string size_name(std::int64_t size) {
    return size < 1000 ? std::to_string(size) : std::to_string(size / 1000) + "k";
}

constexpr std::int64_t sizes[] = {100, 1000, 10000, 100000};

} // namespace

bool queues_agree() {
    for (const std::int64_t size : sizes) {
        const std::int64_t operations = 3 * size + 1000;
        const std::uint64_t hold = order_of<Hold<Wheel>>(size, operations);
        const std::uint64_t cycle = order_of<Cycle<Wheel>>(size, operations);
        if (hold != order_of<Hold<FourAryHeap<false>>>(size, operations) ||
            hold != order_of<Hold<StandardHeap>>(size, operations) ||
            cycle != order_of<Cycle<FourAryHeap<true>>>(size, operations) ||
            cycle != order_of<Cycle<StandardHeap>>(size, operations))
            return false;
    }
    return true;
}

void add_queues() {
    for (const std::int64_t size : sizes) {
        const std::string name = size_name(size);
        add<Hold<Wheel>>("hold/" + name + "/wheel", size);
        add<Hold<FourAryHeap<false>>>("hold/" + name + "/4-ary", size);
        add<Hold<StandardHeap>>("hold/" + name + "/standard", size);
        add<Cycle<Wheel>>("cancel/" + name + "/wheel", size);
        add<Cycle<FourAryHeap<true>>>("cancel/" + name + "/4-ary", size);
        add<Cycle<StandardHeap>>("cancel/" + name + "/standard", size);
    }
}

void tell_queues(const Figures& figures) {
    for (const char* kind : {"hold", "cancel"})
        for (const std::int64_t size : sizes) {
            const std::string name = std::string(kind) + "/" + size_name(size) + "/";
            if (!figures.has(name + "wheel")) continue;
            const double wheel = figures.cpu(name + "wheel");
            const double four = figures.cpu(name + "4-ary") / wheel;
            const double standard = figures.cpu(name + "standard") / wheel;
            const bool hold = std::string(kind) == "hold";
            const bool goal = hold && size == 10000;
            row(fmt::format("{} {}", hold ? "HOLD" : "timer-cancel", size_name(size)),
                fmt::format("{:.0f} ns", wheel * 1e9), goal ? "<= 110 ns" : "", wheel <= 110e-9);
            row("", fmt::format("{:.2f}x 4-ary heap", four), goal ? ">= 1.6x" : "", four >= 1.6);
            row("", fmt::format("{:.2f}x std::priority_queue", standard), "", true);
        }
}

} // namespace bench
