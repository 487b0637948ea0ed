#include "tests/properties/generator.hpp"

#include <algorithm>
#include <cstdlib>

namespace properties {

namespace {

using kafka::Json;
using kafka::Release;

std::string millis(std::int64_t count) { return std::to_string(count) + "ms"; }

/// A case while it is made.
struct Making {
    Chooser choose;
    const Wish& wish;
    Release release{};
    int brokers = 3;
    int partitions = 0; // in all
    std::vector<std::string> names;
    std::int64_t last_fault_ends = 0; // milliseconds
    std::int64_t longest_delivery = 0;
    bool lossy = false;
    int deaths = 0; // processes that die uncleanly
    bool mixed = false;
    bool weak = false; // a producer below acks=all
};

Release any_release(Chooser& choose) {
    // The newest rules carry the strict promises: half of the cases.
    if (choose.happens(1, 2))
        return static_cast<Release>(
            choose.between(static_cast<int>(Release::v4_1), kafka::release_count - 1));
    return static_cast<Release>(choose.below(kafka::release_count));
}

Json brokers_of(Making& making) {
    Chooser& choose = making.choose;
    making.brokers = choose.happens(1, 8) ? static_cast<int>(choose.between(6, 9))
                                          : static_cast<int>(choose.between(3, 5));
    making.mixed = choose.happens(1, 10);
    Json all = Json::array();
    for (int i = 1; i <= making.brokers; ++i) {
        Json broker = {{"id", i}};
        if (choose.happens(1, 3)) broker["rack"] = std::string(1, static_cast<char>('a' + i % 3));
        if (making.mixed && choose.happens(1, 2)) {
            const int near = static_cast<int>(making.release) + static_cast<int>(choose.between(-2, 2));
            broker["release"] = name(static_cast<Release>(std::clamp(near, 0, kafka::release_count - 1)));
        }
        all.push_back(std::move(broker));
    }
    return all;
}

Json server_config(Making& making) {
    Chooser& choose = making.choose;
    Json config = Json::object();
    const bool knows_sessions = making.release >= Release::v2_8 && !making.mixed;
    if (making.wish.crowded) {
        config["replica.lag.time.max.ms"] = 9000;
    } else if (choose.happens(1, 2)) {
        config["replica.lag.time.max.ms"] = choose.one_of(std::array{2000, 5000, 10000, 30000});
    }
    if (choose.happens(1, 4)) config["replica.fetch.wait.max.ms"] = choose.one_of(std::array{20, 100, 500});
    if (!making.wish.crowded && knows_sessions && choose.happens(1, 4))
        config["broker.session.timeout.ms"] = choose.one_of(std::array{3000, 6000, 18000});
    if (choose.happens(1, 4)) config["replica.high.watermark.checkpoint.interval.ms"] = 500;
    if (choose.happens(1, 5)) config["leader.imbalance.check.interval.seconds"] = 5;
    return config;
}

Json topics_of(Making& making) {
    Chooser& choose = making.choose;
    Json all = Json::array();
    const auto count = choose.happens(1, 4) ? 2 : 1;
    for (int t = 0; t < count; ++t) {
        const auto partitions = choose.happens(1, 2) ? 1 : static_cast<int>(choose.between(2, 4));
        const std::string topic = t == 0 ? "orders" : "audit";
        Json config = {{"min.insync.replicas", 2}, {"unclean.leader.election.enable", false}};
        if (choose.happens(1, 6)) config["flush.messages"] = choose.one_of(std::array{1, 20});
        all.push_back(
            {{"name", topic}, {"partitions", partitions}, {"replication.factor", 3}, {"config", config}});
        for (int p = 0; p < partitions; ++p)
            making.names.push_back(topic + "-" + std::to_string(p));
        making.partitions += partitions;
    }
    return all;
}

Json producer_config(Making& making, bool strong) {
    Chooser& choose = making.choose;
    Json config = {{"acks", strong ? "all" : choose.one_of(std::array{"0", "1"})}};
    const bool knows_idempotence = making.release >= Release::v0_11_0;
    const bool idempotent = strong && knows_idempotence && choose.happens(2, 3);
    if (knows_idempotence) config["enable.idempotence"] = idempotent;
    const int linger = choose.one_of(std::array{0, 5, 50});
    config["linger.ms"] = linger;
    config["batch.size"] = choose.one_of(std::array{200, 1000, 16384});
    config["max.in.flight.requests.per.connection"] = choose.between(1, 5);
    config["retries"] = idempotent || choose.happens(3, 4) ? 2147483647 : choose.between(0, 3);
    if (making.release >= Release::v0_9_0) {
        const int request = choose.one_of(std::array{1000, 5000, 30000});
        config["request.timeout.ms"] = request;
        if (making.release >= Release::v2_1) {
            const std::int64_t delivery = request + linger + choose.one_of(std::array{100, 10000, 60000});
            config["delivery.timeout.ms"] = delivery;
            making.longest_delivery = std::max(making.longest_delivery, delivery);
        } else {
            making.longest_delivery = std::max<std::int64_t>(making.longest_delivery, 3 * request);
        }
    } else {
        making.longest_delivery = std::max<std::int64_t>(making.longest_delivery, 90000);
    }
    return config;
}

Json producers_of(Making& making, const Json& topics) {
    Chooser& choose = making.choose;
    Json all = Json::array();
    const auto count = choose.happens(1, 3) ? choose.between(2, 3) : 1;
    for (int i = 0; i < count; ++i) {
        const bool strong = making.wish.strong_producers && (i == 0 || choose.happens(3, 4));
        making.weak = making.weak || !strong;
        Json records = {{"count", choose.between(50, 600)},
                        {"rate", choose.one_of(std::array{10, 50, 200, 1000})},
                        {"size", choose.one_of(std::array{10, 100, 900})}};
        if (choose.happens(1, 4)) records["key"] = {{"count", choose.between(1, 20)}};
        all.push_back({{"name", "shop" + std::to_string(i + 1)},
                       {"topic", choose.one_of(std::vector<Json>(topics.begin(), topics.end()))["name"]},
                       {"start", millis(choose.between(0, 3000))},
                       {"records", records},
                       {"config", producer_config(making, strong)}});
    }
    return all;
}

std::string target_of(Making& making) {
    Chooser& choose = making.choose;
    const std::string partition = choose.one_of(making.names);
    switch (choose.below(4)) {
    case 0:
        return "leader of " + partition;
    case 1:
        return "follower of " + partition;
    case 2:
        return "follower 2 of " + partition;
    default:
        return "broker " + std::to_string(choose.between(1, making.brokers));
    }
}

/// A broker or the controller, as the end of a link.
std::string end_of(Making& making) {
    if (making.choose.happens(1, 4)) return "controller";
    return target_of(making);
}

Json link_fault(Making& making, const char* what) {
    Chooser& choose = making.choose;
    Json fault = {{"do", what}};
    if (choose.happens(1, 3)) {
        fault["target"] = "broker " + std::to_string(choose.between(1, making.brokers));
    } else {
        const std::int64_t first = choose.between(1, making.brokers);
        const std::string one = choose.happens(1, 2) ? "leader of " + choose.one_of(making.names)
                                                     : "broker " + std::to_string(first);
        std::string other = end_of(making);
        if (choose.happens(1, 8)) other = "producer shop1";
        fault["between"] = {one, other};
    }
    if (choose.happens(1, 3)) fault["direction"] = "forward";
    if (std::string(what) == "cut") {
        if (choose.happens(1, 3)) fault["how"] = choose.one_of(std::array{"silence", "reset", "stall"});
    } else {
        const std::int64_t base = choose.one_of(std::array{20, 200, 1500});
        fault["latency"] = {{"p50", millis(base)}, {"p99", millis(2 * base)}, {"max", millis(3 * base)}};
    }
    if (choose.happens(1, 5))
        fault["listener"] = choose.one_of(std::array{"client", "replication", "control"});
    return fault;
}

Json setting_fault(Making& making) {
    Chooser& choose = making.choose;
    if (choose.happens(1, 2))
        return {{"do", "set"}, {"target", "topic orders"}, {"config", {{"min.insync.replicas", 3}}}};
    return {{"do", "set"},
            {"target", "all brokers"},
            {"config", {{"replica.lag.time.max.ms", choose.one_of(std::array{1500, 4000, 20000})}}}};
}

/// Lossy failures come one in a case: two, with nobody in between, are beyond what min.insync.replicas=2
/// promises.
Json process_fault(Making& making) {
    Chooser& choose = making.choose;
    std::vector<std::string> kinds{"crash", "crash", "stop", "pause"};
    if (!making.lossy) kinds.insert(kinds.end(), {"power_loss", "power_loss", "wipe_disk"});
    const std::string kind = choose.one_of(kinds);
    making.deaths += kind == "pause" || kind == "stop" ? 0 : 1;
    making.lossy = making.lossy || kind == "power_loss" || kind == "wipe_disk";
    const bool controller = (kind == "crash" || kind == "pause") && choose.happens(1, 10);
    return {{"do", kind}, {"target", controller ? std::string("controller") : target_of(making)}};
}

Json faults_of(Making& making) {
    Chooser& choose = making.choose;
    Json all = Json::array();
    const std::int64_t count = choose.happens(1, 5) ? choose.between(4, 8) : choose.between(1, 3);
    const std::int64_t span = choose.one_of(std::array{4000, 12000, 30000});
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t at = choose.between(1000, 1000 + span);
        const std::int64_t lasts = choose.one_of(std::array{30, 300, 2000, 8000, 15000, 40000});
        Json fault;
        bool ends = true;
        switch (choose.below(10)) {
        case 0:
        case 1:
            fault = link_fault(making, "cut");
            break;
        case 2:
            fault = link_fault(making, "slow");
            break;
        case 3:
            fault = {{"do", "elect"}, {"type", "preferred"}, {"target", choose.one_of(making.names)}};
            ends = false;
            break;
        case 4:
            fault = setting_fault(making);
            ends = false;
            break;
        default:
            fault = process_fault(making);
        }
        fault["at"] = millis(at);
        if (ends) fault["for"] = millis(lasts);
        making.last_fault_ends = std::max(making.last_fault_ends, at + (ends ? lasts : 0));
        all.push_back(std::move(fault));
    }
    return all;
}

std::int64_t load_ends(const Json& producers) {
    std::int64_t last = 0;
    for (const Json& producer : producers) {
        const Json& records = producer["records"];
        last = std::max(last, 3000 + records["count"].get<std::int64_t>() * 1000 /
                                         records["rate"].get<std::int64_t>());
    }
    return last;
}

/// Every third case has three or five controllers, and one more fault of theirs. Drawn from a chooser of its
/// own, so that the rest of the case stays what it was.
void add_quorum(Json& scenario, std::uint64_t seed, bool wished) {
    Chooser choose(seed ^ 0x71756f72756dULL);
    if (wished || !choose.happens(1, 3)) return;
    const std::int64_t count = choose.happens(1, 3) ? 5 : 3;
    const bool combined =
        choose.happens(1, 4) && count <= static_cast<std::int64_t>(scenario["brokers"].size());
    scenario["metadata"] = {{"type", "kraft"}, {"controllers", count}, {"combined", combined}};
    const std::string last = combined ? std::to_string(count) : std::to_string(100 + count);
    const std::string target = choose.happens(2, 3) || combined ? "controller" : "controller " + last;
    // Combined controllers share their broker's disk and death: a pause leaves the promises alone.
    const std::string kind = combined ? "pause" : choose.one_of(std::array{"crash", "pause", "stop"});
    scenario["faults"].push_back({{"at", millis(choose.between(1000, 20000))},
                                  {"do", kind},
                                  {"target", target},
                                  {"for", millis(choose.one_of(std::array{300, 4000, 15000}))}});
}

} // namespace

Case generate(std::uint64_t seed, const Wish& wish) {
    Making making{Chooser(seed), wish, {}, 3, 0, {}, 0, 0, false, 0, false, false};
    making.release = wish.release ? *wish.release : any_release(making.choose);
    Case made;
    made.seed = seed;
    Json& scenario = made.scenario;
    scenario["name"] = "property_" + std::to_string(seed);
    scenario["release"] = name(making.release);
    scenario["brokers"] = brokers_of(making);
    scenario["config"] = server_config(making);
    scenario["topics"] = topics_of(making);
    scenario["producers"] = producers_of(making, scenario["topics"]);
    if (making.choose.happens(1, 2)) {
        Json readers = Json::array();
        for (std::int64_t i = making.choose.between(1, 2); i > 0; --i)
            readers.push_back(
                {{"name", "reader" + std::to_string(i)}, {"config", {{"auto.offset.reset", "earliest"}}}});
        scenario["consumers"] = std::move(readers);
    }
    scenario["faults"] = faults_of(making);
    add_quorum(scenario, seed, wish.release.has_value());
    const std::int64_t busy = std::max(making.last_fault_ends, load_ends(scenario["producers"]));
    scenario["until"] = millis(busy + making.longest_delivery + 60000);
    // For KIP-966 a process that is killed counts as one that lost data: it is no eligible leader any more.
    const bool one_at_a_time = !making.lossy || making.deaths == 1;
    made.strict = making.release >= Release::v4_1 && !making.mixed && !making.weak && one_at_a_time;
    return made;
}

namespace {

/// Drops elements of the list `key`, last first. True when something went.
bool drop_elements(Json& scenario, const char* key, std::size_t least,
                   const std::function<bool(const Json&)>& fails) {
    bool smaller = false;
    if (!scenario.contains(key)) return false;
    for (std::size_t i = scenario[key].size(); i-- > 0 && scenario[key].size() > least;) {
        Json attempt = scenario;
        attempt[key].erase(i);
        if (!fails(attempt)) continue;
        scenario = std::move(attempt);
        smaller = true;
    }
    return smaller;
}

bool try_change(Json& scenario, const std::function<bool(const Json&)>& fails,
                const std::function<void(Json&)>& edit) {
    Json attempt = scenario;
    edit(attempt);
    if (attempt == scenario || !fails(attempt)) return false;
    scenario = std::move(attempt);
    return true;
}

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& item : object.items())
        keys.push_back(item.key());
    return keys;
}

} // namespace

Json shrink(Json scenario, const std::function<bool(const Json&)>& fails) {
    for (int round = 0; round < 4; ++round) {
        bool smaller = drop_elements(scenario, "faults", 0, fails);
        smaller = drop_elements(scenario, "consumers", 0, fails) || smaller;
        smaller = drop_elements(scenario, "producers", 1, fails) || smaller;
        smaller = drop_elements(scenario, "topics", 1, fails) || smaller;
        smaller = drop_elements(scenario, "brokers", 3, fails) || smaller;
        for (std::size_t i = 0; i < scenario["producers"].size(); ++i)
            smaller = try_change(scenario, fails,
                                 [&](Json& attempt) {
                                     Json& count = attempt["producers"][i]["records"]["count"];
                                     count = std::max<std::int64_t>(1, count.get<std::int64_t>() / 2);
                                 }) ||
                      smaller;
        for (std::size_t i = 0; i < scenario["topics"].size(); ++i)
            smaller =
                try_change(scenario, fails, [&](Json& attempt) { attempt["topics"][i]["partitions"] = 1; }) ||
                smaller;
        for (const std::string& key : keys_of(scenario["config"]))
            smaller =
                try_change(scenario, fails, [&](Json& attempt) { attempt["config"].erase(key); }) || smaller;
        if (!smaller) break;
    }
    return scenario;
}

} // namespace properties
