// Seeds a second of one scenario on one and two threads, against arithmetic that shares nothing.

#include "tests/bench/sweep.hpp"

#include "sim/core/hash.hpp"
#include "tests/bench/clusters.hpp"
#include "tools/highwater/study/in_order.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace bench {

namespace {

using Work = std::function<std::uint64_t(std::size_t)>;

void measure(benchmark::State& state, const Work& work, std::size_t seeds, std::size_t threads) {
    for (auto _ : state) {
        std::uint64_t sum = 0;
        highwater::in_order<std::uint64_t>(seeds, threads, work,
                                           [&](std::size_t, std::uint64_t& result) { sum += result; });
        benchmark::DoNotOptimize(sum);
    }
    state.counters["seeds"] = static_cast<double>(seeds);
}

/// About as long as one seed, and nothing but registers.
std::uint64_t arithmetic(std::size_t seed) {
    std::uint64_t x = seed;
    for (int i = 0; i < 3000000; ++i)
        x = sim::mix(x, static_cast<std::uint64_t>(i));
    return x;
}

} // namespace

void add_sweep(bool moment) {
    const auto scenario =
        std::make_shared<const kafka::Scenario>(shipped_scenario("tour/failover_acks_all.json"));
    const Work run = [scenario](std::size_t seed) {
        return highwater::run_once(*scenario, seed + 1, "", {}).events;
    };
    const std::size_t seeds = moment ? 2 : 16;
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        for (const bool control : {false, true}) {
            const Work work = control ? Work(arithmetic) : run;
            const std::string name = fmt::format("sweep/{}/{}", control ? "arithmetic" : "model", threads);
            benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
                measure(state, work, seeds, threads);
            })->MeasureProcessCPUTime();
        }
    }
}

void tell_sweep(const Figures& figures) {
    if (!figures.has("sweep/model/1") || !figures.has("sweep/arithmetic/2")) return;
    const double seeds = figures.counter("sweep/model/1", "seeds");
    const double one = figures.wall("sweep/model/1");
    const double two = figures.wall("sweep/model/2");
    const double control = figures.wall("sweep/arithmetic/1") / figures.wall("sweep/arithmetic/2");
    const double inflation = figures.cpu("sweep/model/2") / figures.cpu("sweep/model/1");
    row("failover_acks_all, 1 thread (wall clock)", fmt::format("{:.0f} seeds/s", seeds / one), "", true);
    row("failover_acks_all, 2 threads (wall clock)", fmt::format("{:.0f} seeds/s", seeds / two), "", true);
    row("  speed-up by the second thread", fmt::format("{:.2f}x", one / two), "", true);
    row("  the same of arithmetic", fmt::format("{:.2f}x", control), "", true);
    // Without a free second core the ratio is chance: then it is told and not judged.
    const bool judged = control >= 1.7;
    row("  speed-up against that of arithmetic",
        fmt::format("{:.2f}{}", one / two / control, judged ? "" : " (machine busy)"),
        judged ? ">= 0.95" : "", one / two / control >= 0.95);
    row("  CPU time with 2 threads against 1", fmt::format("{:.2f}x", inflation), "", true);
}

} // namespace bench
