// A program of its own, because it counts what `new` is asked for.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "tests/bench/clusters.hpp"

#include "models/cluster/observer.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t bytes) {
    ++allocations;
    if (void* const memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
}

} // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

std::size_t batches_in(const kafka::World& world) {
    std::size_t batches = 0;
    for (const kafka::Broker& broker : world.brokers)
        for (const kafka::Log& log : broker.disk.logs)
            batches += log.batches.size();
    return batches;
}

} // namespace

TEST_CASE("allocation: after warm-up only the logs grow") {
    // A busy cluster runs past its longest time-out (120 s), so that every queue has had its greatest length.
    // Then it runs as long again: nothing but the logs may ask for memory, once for each chunk of 128
    // batches.
    const kafka::Scenario scenario = bench::busy_cluster(400000, 100, 100);
    kafka::World world = kafka::make_world(scenario.configuration, 1);
    while (world.kernel.now < sim::SimTime{130000000} && step(world)) {
    }
    const std::size_t batches_before = batches_in(world);
    const std::size_t allocations_before = allocations;
    const std::uint64_t events_before = world.events;
    while (world.kernel.now < sim::SimTime{250000000} && step(world)) {
    }
    REQUIRE(!world.finished);
    const std::size_t chunks = (batches_in(world) - batches_before) / 128;
    const std::size_t asked = allocations - allocations_before;
    const std::uint64_t events = world.events - events_before;
    MESSAGE(events << " events, " << asked << " allocations, " << chunks << " chunks of the logs");
    CHECK(chunks > 0);
    // What is left of it: a log's list of chunks, the metadata log and a list of records grow by doubling.
    CHECK(asked <= chunks + 64);
}
