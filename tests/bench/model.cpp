// The whole model: events and batches a second, what watching costs, copies of a world.

#include "tests/bench/model.hpp"

#include "models/check/guarantees.hpp"
#include "tests/bench/clusters.hpp"
#include "tools/highwater/verdict/fingerprint.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <benchmark/benchmark.h>
#include <cstring>
#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

namespace bench {

namespace {

using Shared = std::shared_ptr<const kafka::Scenario>;

/// Who watches a run.
enum class Watcher { nobody, fingerprint, packed_trace, json_trace, checkers, everybody };

std::int64_t batches_of(const kafka::World& world) {
    std::size_t batches = 0;
    for (std::size_t i = 0; i < world.configuration->partitions.size(); ++i) {
        const kafka::PartitionIndex partition{static_cast<std::int32_t>(i)};
        batches += log_of(world, decided_state(world, partition).leader, partition)->batches.size();
    }
    return static_cast<std::int64_t>(batches);
}

kafka::World run_watched(const kafka::Scenario& scenario, Watcher watcher) {
    kafka::World world = kafka::make_world(scenario.configuration, 1);
    kafka::FactHash facts;
    highwater::Trace trace;
    kafka::Ledger ledger(*scenario.configuration);
    kafka::Readings readings(*scenario.configuration);
    kafka::Invariants invariants(*scenario.configuration);
    std::vector<kafka::Observer*> observers;
    if (watcher == Watcher::packed_trace || watcher == Watcher::json_trace) observers = {&trace};
    if (watcher == Watcher::checkers) observers = {&ledger, &readings, &invariants};
    if (watcher == Watcher::everybody) observers = {&ledger, &readings, &invariants, &trace};
    const bool hashes = watcher == Watcher::fingerprint || watcher == Watcher::everybody;
    kafka::run(world, observers, {}, hashes ? &facts : nullptr);
    if (hashes) benchmark::DoNotOptimize(highwater::fingerprint_of(std::move(facts), world).size());
    const bool renders = watcher == Watcher::json_trace || watcher == Watcher::everybody;
    if (renders) benchmark::DoNotOptimize(trace.render(*scenario.configuration).size());
    return world;
}

void measure(benchmark::State& state, const kafka::Scenario& scenario, Watcher watcher) {
    std::uint64_t events = 0;
    std::int64_t batches = 0;
    for (auto _ : state) {
        const kafka::World world = run_watched(scenario, watcher);
        events = world.events;
        batches = batches_of(world);
    }
    state.counters["events"] = static_cast<double>(events);
    state.counters["batches"] = static_cast<double>(batches);
}

void add(const std::string& name, const Shared& scenario, Watcher watcher) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=](benchmark::State& state) { measure(state, *scenario, watcher); });
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// What a run is: a scenario, and who watches.
struct Watched {
    Shared scenario;
    Watcher watcher;
    double seconds() const {
        const double begin = cpu_seconds();
        benchmark::DoNotOptimize(run_watched(*scenario, watcher).events);
        return cpu_seconds() - begin;
    }
};

/// Runs both in turn, so that whatever else the machine does hits both: the median of `other` / `usual`.
void add_pair(const std::string& name, const Watched& usual, const Watched& other, double seconds) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        std::vector<double> ratios;
        bool turned = false;
        for (auto _ : state) {
            turned = !turned;
            const double first = turned ? usual.seconds() : other.seconds();
            const double second = turned ? other.seconds() : usual.seconds();
            ratios.push_back(turned ? second / first : first / second);
        }
        state.counters["ratio"] = median(ratios);
    })->MinTime(seconds);
}

/// A world in the middle of its load that owns about a megabyte; its bytes are those that a copy allocates.
struct Megabyte {
    kafka::World world;
    std::size_t bytes = 0;
};
std::size_t allocated() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}
Megabyte megabyte() {
    const kafka::Scenario scenario = busy_cluster(3000000, 1, 1000);
    Megabyte grown{kafka::make_world(scenario.configuration, 1), 0};
    while (grown.bytes < 1000000) {
        for (int i = 0; i < 5000; ++i)
            if (!step(grown.world)) return grown;
        const std::size_t before = allocated();
        const auto copy = std::make_unique<kafka::World>(grown.world);
        grown.bytes = allocated() - before;
    }
    return grown;
}

void add_copies() {
    const auto grown = std::make_shared<const Megabyte>(megabyte());
    benchmark::RegisterBenchmark("copy/world", [grown](benchmark::State& state) {
        kafka::World pooled = grown->world;
        for (auto _ : state)
            pooled = grown->world;
        state.counters["bytes"] = static_cast<double>(grown->bytes);
    });
    benchmark::RegisterBenchmark("copy/memory", [grown](benchmark::State& state) {
        const std::vector<char> from(grown->bytes, 'x');
        std::vector<char> to(grown->bytes);
        for (auto _ : state) {
            std::memcpy(to.data(), from.data(), from.size());
            benchmark::ClobberMemory();
        }
    });
}

constexpr std::pair<const char*, Watcher> watchers[] = {{"fingerprint", Watcher::fingerprint},
                                                        {"packed trace", Watcher::packed_trace},
                                                        {"JSON trace", Watcher::json_trace},
                                                        {"checkers", Watcher::checkers},
                                                        {"all of these", Watcher::everybody}};

} // namespace

void add_models(bool moment) {
    const double seconds = moment ? 0.001 : 0.3;
    const auto busy = std::make_shared<const kafka::Scenario>(busy_cluster(moment ? 300 : 15000, 100, 100));
    add("model/nobody", busy, Watcher::nobody);
    add("model/fingerprint", busy, Watcher::fingerprint);
    const auto short_run =
        std::make_shared<const kafka::Scenario>(busy_cluster(moment ? 300 : 6000, 100, 100));
    for (const auto& [name, watcher] : watchers)
        add_pair(std::string("share/") + name, {short_run, Watcher::nobody}, {short_run, watcher}, seconds);
    // Batches of the same bytes, with one record or with a thousand.
    const std::int64_t batches = moment ? 300 : 10000;
    const auto few = std::make_shared<const kafka::Scenario>(busy_cluster(batches, 1, 19990));
    const auto many = std::make_shared<const kafka::Scenario>(busy_cluster(batches, 1000, 10));
    add_pair("records/bare", {few, Watcher::nobody}, {many, Watcher::nobody}, seconds);
    add_pair("records/checked", {few, Watcher::checkers}, {many, Watcher::checkers}, seconds);
    add_copies();
}

namespace {

void tell_records(const Figures& figures) {
    for (const bool checked : {false, true}) {
        const std::string name = checked ? "records/checked" : "records/bare";
        if (!figures.has(name)) continue;
        const double ratio = figures.counter(name, "ratio");
        row(fmt::format("10 M records in 10k batches against 10k{}", checked ? ", checkers on" : ""),
            fmt::format("{:.2f}x", ratio), "<= 1.1x", ratio <= 1.1);
    }
}

void tell_copies(const Figures& figures) {
    if (!figures.has("copy/world") || !figures.has("copy/memory")) return;
    const double world = figures.cpu("copy/world");
    row(fmt::format("copy of a {:.2f} MB world", figures.counter("copy/world", "bytes") / 1e6),
        fmt::format("{:.0f} us", world * 1e6), "", true);
    row("", fmt::format("{:.1f}x memcpy of as much", world / figures.cpu("copy/memory")), "", true);
}

} // namespace

void tell_models(const Figures& figures) {
    if (figures.has("model/nobody") && figures.has("model/fingerprint")) {
        // The goal is for a run as it always is: no trace, its fingerprint taken.
        const double run = figures.cpu("model/fingerprint");
        const double events = figures.counter("model/fingerprint", "events") / run;
        const double batches = figures.counter("model/fingerprint", "batches") / run;
        row("full model, acks=all, RF=3, fingerprint on", fmt::format("{:.2f} M events/s", events / 1e6),
            ">= 2.5 M", events >= 2.5e6);
        row("", fmt::format("{:.0f} k batches/s", batches / 1e3), ">= 200 k", batches >= 200e3);
        const double bare = figures.cpu("model/nobody");
        row("  nobody watches",
            fmt::format("{:.2f} M events/s", figures.counter("model/nobody", "events") / bare / 1e6), "",
            true);
    }
    for (const auto& [name, watcher] : watchers) {
        const std::string measured = std::string("share/") + name;
        if (!figures.has(measured)) continue;
        const double share = figures.counter(measured, "ratio") - 1;
        const bool goal = watcher == Watcher::fingerprint;
        row(fmt::format("  {} adds to that", name), fmt::format("{:.1f} %", share * 100),
            goal ? "<= 5 %" : "", share <= 0.05);
    }
    tell_records(figures);
    tell_copies(figures);
}

} // namespace bench
