// A trace of a cluster under ZooKeeper, written and read back.

#include "models/cluster/observer.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"
#include "tools/highwater/trace/read.hpp"

#include <doctest/doctest.h>

using namespace kafka;

TEST_CASE("trace: facts of controllers under ZooKeeper, and faults of the ensemble, are read back") {
    const auto read = read_scenario(R"({"release": "2.3", "metadata": "zookeeper",
        "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
        "producers": [{"name": "shop", "topic": "orders", "records": {"count": 20, "rate": 10}}],
        "faults": [{"at": "2s", "do": "crash", "target": "zookeeper", "for": "3s"},
                   {"at": "12s", "do": "crash", "target": "controller"}], "until": "30s"})",
                                    "x.json", {}, SettingTables());
    REQUIRE(read.problems.empty());
    World world = make_world(read.scenario->configuration, 1);
    highwater::Trace trace;
    do {
        for (const Fact& fact : world.kernel.facts)
            trace.on(world.kernel.now, world.events, fact, world);
    } while (step(world));
    const std::string text = trace.render(*world.configuration);
    CHECK(has(text, R"("fact":"ControllerChanged","broker":3,"epoch":1,"active":true)"));
    CHECK(has(text, R"("target":"zookeeper")"));
    const highwater::ReadTrace again = highwater::read_trace(text);
    REQUIRE(again.problems.empty());
    CHECK(again.names.has_zookeeper());
    CHECK(highwater::render(again.entries, again.names) == text);
}
