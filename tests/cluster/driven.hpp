#pragma once
// A cluster driven by scenario text, with every fact kept.

#include "models/check/ledger.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>

namespace kafka::cluster_test {

/// A load of 20 s under acks=all to a partition of three replicas. `more`: further keys, each with its comma.
inline std::string three_replicas(const std::string& until, const std::string& faults,
                                  const std::string& more) {
    return R"({"topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},"config":{"acks":"all"}}],
        "until":")" +
           until + "\"," + more + R"("faults":[)" + faults + "]}";
}

/// Brokers are named by their ids in the text (1..N); the helpers below speak of ids too.
class Driven {
  public:
    explicit Driven(const std::string& text, std::uint64_t seed = 1)
        : configuration(read(text)), world(make_world(configuration, seed)), ledger(*configuration) {
        look();
    }

    const std::shared_ptr<const Configuration> configuration;
    World world;
    Ledger ledger;
    std::vector<std::pair<sim::SimTime, Fact>> facts;

    /// One event more. False at the end of the run.
    bool next() {
        if (!step(world)) return false;
        look();
        return true;
    }
    /// Up to the first event after which `condition` holds; false when the run ends first.
    bool until(const std::function<bool()>& condition) {
        while (!condition())
            if (!next()) return false;
        return true;
    }
    void to_the_end() {
        while (next()) {
        }
        ledger.at_end(world);
    }

    const Log& log(int broker, int partition = 0) const {
        return *log_of(world, slot(broker), at(partition));
    }
    const Replica& replica(int broker, int partition = 0) const {
        return *replica_of(world, slot(broker), at(partition));
    }
    const PartitionState& decided(int partition = 0) const { return decided_state(world, at(partition)); }
    static BrokerSlot slot(int broker) { return BrokerSlot{broker - 1}; }
    static PartitionIndex at(int partition) { return PartitionIndex{partition}; }
    static BrokerSet set(std::initializer_list<int> brokers) {
        BrokerSet all;
        for (const int one : brokers)
            all.add(slot(one));
        return all;
    }

    /// Facts of one kind for which `fits` holds, each with its time.
    template <class Kind>
    std::vector<std::pair<sim::SimTime, Kind>> all(const std::function<bool(const Kind&)>& fits = {}) const {
        std::vector<std::pair<sim::SimTime, Kind>> found;
        for (const auto& [time, fact] : facts)
            if (const auto* one = std::get_if<Kind>(&fact))
                if (!fits || fits(*one)) found.emplace_back(time, *one);
        return found;
    }
    /// When the first such fact was noted, in milliseconds; -1 when none was.
    template <class Kind> std::int64_t first_ms(const std::function<bool(const Kind&)>& fits = {}) const {
        const auto found = all<Kind>(fits);
        return found.empty() ? -1 : found.front().first.micros / 1000;
    }
    std::int64_t change_ms(ChangeCause cause) const {
        return first_ms<fact::PartitionChanged>([&](const auto& f) { return f.cause == cause; });
    }

  private:
    static std::shared_ptr<const Configuration> read(const std::string& text) {
        ReadResult result = read_scenario(text, "test", {}, SettingTables());
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return result.scenario->configuration;
    }
    void look() {
        for (const Fact& fact : world.kernel.facts) {
            facts.emplace_back(world.kernel.now, fact);
            ledger.on(world.kernel.now, world.events, fact, world);
        }
        ledger.after_step(world);
    }
};

/// Broker 1 has lost its second directory, with partition 1 in it, and gets it back later, under either
/// control plane: it loses that partition and no other; in the end nothing is missing. Runs to the end.
inline void check_one_directory_lost(Driven& run) {
    CHECK(is_running(run.world, Driven::slot(1)));
    CHECK(run.decided(0).leader == Driven::slot(1));
    CHECK(run.decided(0).leader_epoch == Epoch{0});
    CHECK(run.decided(1).leader == Driven::slot(2));
    CHECK(run.decided(1).isr == Driven::set({2, 3}));
    CHECK(run.change_ms(ChangeCause::log_directory_offline) < 5300);
    run.to_the_end(); // it has started again, and its directory is well
    CHECK(run.decided(1).isr.size() == 3);
    CHECK(run.ledger.streams[0].lost + run.ledger.streams[1].lost == 0);
    CHECK(run.ledger.streams[0].acknowledged + run.ledger.streams[1].acknowledged == 2000);
}

} // namespace kafka::cluster_test
