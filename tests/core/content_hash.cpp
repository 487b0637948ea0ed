#include "sim/core/content_hash.hpp"

#include "models/cluster/world.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using sim::ContentHash;

namespace {

struct Inner {
    int number = 0;
    std::optional<int> maybe;
};
struct Outer {
    std::string text;
    std::vector<Inner> items;
    std::variant<std::monostate, int, Inner> one;
    std::array<bool, 2> flags{};
    std::vector<bool> bits;
    std::pair<int, int> both;
};

template <class T> sim::Digest digest_of(const T& value) {
    ContentHash hash;
    hash.add(value);
    return hash.digest();
}

kafka::World small_world() {
    const kafka::SettingTables tables;
    const char* text = R"({"topics":[{"name":"t"}],"producers":[{"records":{"count":50,"rate":100}}],
        "consumers":[{"config":{"auto.offset.reset":"earliest"}}]})";
    kafka::ReadResult result = read_scenario(text, "x", {}, tables);
    REQUIRE(result.scenario);
    kafka::World world = make_world(result.scenario->configuration, 1);
    for (int i = 0; i < 400; ++i)
        step(world);
    return world;
}

} // namespace

TEST_CASE("content hash: members are counted, also beside optionals and variants") {
    CHECK(sim::field_count<Inner> == 2);
    CHECK(sim::field_count<Outer> == 6);
    CHECK(sim::field_count<kafka::World> >= 15);
}

TEST_CASE("content hash: every member counts, and equal values are equal") {
    const Outer plain{"a", {Inner{1, 2}}, 5, {true, false}, {true}, {1, 2}};
    std::vector<Outer> others(8, plain);
    others[0].text = "b";
    others[1].items[0].number = 2;
    others[2].items[0].maybe = std::nullopt;
    others[3].one = Inner{5, {}};
    others[4].flags[1] = true;
    others[5].bits.push_back(false);
    others[6].both.second = 3;
    others[7].items.push_back({});
    CHECK(digest_of(plain) == digest_of(Outer(plain)));
    for (std::size_t i = 0; i < others.size(); ++i)
        CHECK_MESSAGE(!(digest_of(plain) == digest_of(others[i])), i);
}

TEST_CASE("digest: a change anywhere in the world, also in a client, is another digest") {
    const kafka::World world = small_world();
    const sim::Digest before = digest(world);
    CHECK(digest(kafka::World(world)) == before);
    const auto changed = [&](auto change) {
        kafka::World other = world;
        change(other);
        return !(digest(other) == before);
    };
    CHECK(changed([](kafka::World& w) { w.producers[0].metadata.attempts += 1; }));
    CHECK(changed([](kafka::World& w) { w.producers[0].nodes[1].link.failures += 1; }));
    CHECK(changed([](kafka::World& w) { w.readers[0].positions[0].offset = kafka::Offset{7}; }));
    CHECK(changed([](kafka::World& w) { w.brokers[2].memory.lifecycle.heartbeat_failures += 1; }));
    CHECK(changed([](kafka::World& w) { w.controllers[0].memory.contacts[0].tracked = false; }));
    CHECK(changed([](kafka::World& w) { w.kernel.network.bandwidth_bits += 1; }));
    CHECK(changed([](kafka::World& w) { w.kernel.choices.key += 1; }));
    CHECK(changed([](kafka::World& w) { w.next_rule += 1; }));
    CHECK(changed([](kafka::World& w) { w.kernel.queue.pop(); }));
    kafka::World noted = world;
    noted.kernel.facts.emplace_back(kafka::fact::Ignored{"nobody"});
    CHECK_MESSAGE(digest(noted) == before, "facts are for observers");
}
