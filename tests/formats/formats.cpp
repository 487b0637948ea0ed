// Goal: the exports of a real run say what the facts say, and parse.

#include "tools/highwater/formats/formats.hpp"
#include "tools/highwater/formats/causes.hpp"
#include "tools/highwater/formats/operations.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include "tools/highwater/trace/read.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <regex>
#include <set>
#include <sstream>

namespace {

using Json = nlohmann::json;

constexpr const char* losing = R"({
  "name": "losing", "brokers": [{"id": 1, "rack": "a"}, {"id": 2, "rack": "b"}, {"id": 3, "rack": "c"}],
  "links": [{"between": ["rack a", "rack b"], "listener": "replication",
             "latency": {"p50": "30ms", "p99": "45ms", "max": "60ms"}},
            {"between": ["rack a", "rack c"], "listener": "replication",
             "latency": {"p50": "30ms", "p99": "45ms", "max": "60ms"}}],
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
  "producers": [{"name": "my shop", "topic": "orders", "rack": "a", "records": {"count": 3000, "rate": 500},
                 "config": {"acks": "1", "enable.idempotence": false}}],
  "consumers": [{"name": "billing", "topics": ["orders"], "group": "billing",
                 "config": {"auto.offset.reset": "earliest"}}],
  "faults": [{"name": "first", "at": "3s", "do": "crash", "target": "leader of orders-0", "for": "5s"}]})";

/// A finished run with all that was noted.
struct Seen {
    kafka::Scenario scenario;
    highwater::Trace trace;
    std::shared_ptr<const kafka::Configuration> configuration;
    Json verdict;
};

const Seen& seen() {
    static const Seen one = [] {
        Seen made{*kafka::read_scenario(losing, "losing.json", {}, kafka::SettingTables()).scenario,
                  {},
                  nullptr,
                  {}};
        highwater::Watch watch;
        watch.trace = &made.trace;
        const auto outcome = highwater::run_once(made.scenario, 1, "", watch);
        std::vector<std::string> problems;
        made.configuration = outcome.configuration;
        made.verdict = highwater::verdict_of(outcome, problems);
        return made;
    }();
    return one;
}

struct Logged {
    std::string host;
    std::map<std::string, std::int64_t> clock;
    std::string event;
};

/// Reads a ShiViz log with the regular expression that its first line gives.
std::vector<Logged> logged(const std::string& text) {
    const std::size_t first = text.find('\n');
    REQUIRE(text.substr(0, first) == "(?<time>\\d+) us (?<host>\\S+) (?<clock>\\{.*\\})\\n(?<event>.*)");
    REQUIRE(text[first + 1] == '\n'); // one execution: no delimiter
    static const std::regex line("(\\d+) us (\\S+) (\\{.*\\})");
    std::vector<Logged> all;
    std::istringstream in(text.substr(first + 2));
    for (std::string head, event; std::getline(in, head) && std::getline(in, event);) {
        std::smatch parts;
        REQUIRE_MESSAGE(std::regex_match(head, parts, line), head);
        all.push_back({parts[2], Json::parse(parts[3].str()), event});
    }
    return all;
}

/// ShiViz refuses a host whose own clock does not count 1, 2, 3, and clocks that fall.
void check_clocks(const std::vector<Logged>& all) {
    std::map<std::string, std::map<std::string, std::int64_t>> last;
    for (const Logged& one : all) {
        auto& before = last[one.host];
        REQUIRE(one.clock.at(one.host) == before[one.host] + 1);
        for (const auto& [host, count] : before)
            if (count > 0) REQUIRE(one.clock.count(host) == 1);
        for (const auto& [host, count] : one.clock) {
            REQUIRE(count >= before[host]);
            if (host != one.host) REQUIRE(count <= last[host][host]); // it knows only what has happened
        }
        before = one.clock;
    }
}

bool happened_before(const Logged& first, const Logged& second) {
    const auto known = second.clock.find(first.host);
    return known != second.clock.end() && known->second >= first.clock.at(first.host);
}

} // namespace

TEST_CASE(
    "shiviz: clocks count from one, never fall, and follow a record from producer to follower and back") {
    const auto text = highwater::shiviz_of(seen().trace.entries(), *seen().configuration, {});
    const std::vector<Logged> all = logged(text);
    REQUIRE(all.size() > 1000);
    check_clocks(all);
    const auto find = [&](const std::string& host, const std::string& event) {
        for (const Logged& one : all) {
            const bool internal = one.event.find("__consumer_offsets") != std::string::npos;
            if (one.host == host && one.event.rfind(event, 0) == 0 && !internal) return one;
        }
        FAIL(host << " has no " << event);
        return Logged();
    };
    const Logged sent = find("producer-my-shop", "ProduceSent");
    const Logged appended = find("broker-1", "BatchAppended");
    const Logged copied = find("broker-2", "BatchAppended");
    const Logged acknowledged = find("producer-my-shop", "RecordsAcknowledged");
    const Logged read = find("consumer-billing", "Delivered");
    CHECK(happened_before(sent, appended));
    CHECK(happened_before(appended, copied));
    CHECK(happened_before(appended, acknowledged));
    CHECK(!happened_before(copied, acknowledged)); // acks=1: nobody waited for a follower
    CHECK(happened_before(copied, read));          // below the high watermark: every replica in sync had it
    CHECK(!happened_before(acknowledged, sent));
}

TEST_CASE("shiviz: what is filtered out still carries causes, and clocks count what is shown") {
    highwater::Extract extract;
    extract.facts = {"ProduceSent", "Delivered"};
    const auto all = logged(highwater::shiviz_of(seen().trace.entries(), *seen().configuration, extract));
    check_clocks(all);
    bool knows = false;
    for (const Logged& one : all)
        knows = knows || (one.host == "consumer-billing" && one.clock.count("producer-my-shop") == 1);
    CHECK(knows); // though all messages between them were left out
}

TEST_CASE("causes: an acks=all answer knows of each copy that it waited for") {
    std::string text = losing;
    text.replace(text.find("\"acks\": \"1\""), 11, "\"acks\": \"all\"");
    const kafka::Scenario scenario =
        *kafka::read_scenario(text, "all.json", {}, kafka::SettingTables()).scenario;
    highwater::Trace trace;
    highwater::Watch watch;
    watch.trace = &trace;
    const auto outcome = highwater::run_once(scenario, 1, "", watch);
    const auto all = logged(highwater::shiviz_of(trace.entries(), *outcome.configuration, {}));
    check_clocks(all);
    std::vector<const Logged*> copies;
    for (const Logged& one : all) {
        if (one.event.find("BatchAppended") == 0 &&
            one.event.find("partition=orders-0  base_offset=0 ") != std::string::npos)
            copies.push_back(&one);
        if (one.event.find("RecordsAcknowledged") != 0) continue;
        REQUIRE(copies.size() == 3);
        for (const Logged* copy : copies)
            CHECK(happened_before(*copy, one));
        break;
    }
}

TEST_CASE("perfetto: bars nest, counters are numbers, and every arrow begins and ends in a bar") {
    const Json file = Json::parse(highwater::perfetto_of(seen().trace.entries(), *seen().configuration, {}));
    std::map<std::pair<int, int>, std::vector<std::pair<std::int64_t, std::int64_t>>> bars;
    std::map<int, std::pair<int, int>> arrows; // ends by id
    std::set<std::string> tracks;
    std::set<std::string> processes;
    for (const Json& event : file.at("traceEvents")) {
        const std::string phase = event.at("ph");
        if (phase == "X")
            bars[{event.at("pid"), event.at("tid")}].emplace_back(event.at("ts"), event.at("dur"));
        if (phase == "C")
            for (const auto& [series, value] : event.at("args").items())
                REQUIRE(value.is_number_integer());
        if (phase == "M" && event.at("name") == "thread_name") tracks.insert(event.at("args").at("name"));
        if (phase == "M" && event.at("name") == "process_name") processes.insert(event.at("args").at("name"));
    }
    for (const char* process : {"broker 1", "producer my shop", "consumer billing", "faults", "controller"})
        CHECK_MESSAGE(processes.count(process) == 1, process);
    for (const char* track : {"orders-0 role", "orders-0 messages", "requests 1", "first"})
        CHECK_MESSAGE(tracks.count(track) == 1, track);
    for (auto& [track, all] : bars) {
        std::stable_sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
            return left.first < right.first || (left.first == right.first && left.second > right.second);
        });
        std::vector<std::int64_t> open;
        for (const auto& [time, duration] : all) {
            while (!open.empty() && open.back() <= time)
                open.pop_back();
            if (!open.empty()) REQUIRE(time + duration <= open.back());
            open.push_back(time + duration);
        }
    }
    for (const Json& event : file.at("traceEvents")) {
        const std::string phase = event.at("ph");
        if (phase != "s" && phase != "f") continue;
        (phase == "s" ? arrows[event.at("id")].first : arrows[event.at("id")].second) += 1;
        const std::int64_t time = event.at("ts");
        const auto& all = bars.at({event.at("pid"), event.at("tid")});
        REQUIRE(std::any_of(all.begin(), all.end(), [&](const auto& bar) {
            return bar.first <= time && time < bar.first + std::max<std::int64_t>(1, bar.second);
        }));
    }
    CHECK(arrows.size() > 1000);
    for (const auto& [id, ends] : arrows)
        REQUIRE(ends == std::pair{1, 1});
}

TEST_CASE("perfetto: a piece of the time, and one partition") {
    highwater::Extract extract;
    extract.from = 2500000;
    extract.until = 3500000;
    extract.partitions = {"orders-0"};
    const Json file =
        Json::parse(highwater::perfetto_of(seen().trace.entries(), *seen().configuration, extract));
    bool role = false;
    for (const Json& event : file.at("traceEvents")) {
        if (event.at("ph") == "M") continue;
        REQUIRE(event.at("ts") >= extract.from);
        REQUIRE(event.at("ts").get<std::int64_t>() + event.value("dur", std::int64_t{0}) <= extract.until);
        role = role || event.at("name") == "leader, epoch 0, ISR 1,2,3"; // began before the piece
    }
    CHECK(role);
}

TEST_CASE("history: sends and polls add up to the verdict, and a process has one operation at a time") {
    const auto history = highwater::history_of(seen().trace.entries(), *seen().configuration);
    std::int64_t acknowledged = 0;
    std::set<std::int64_t> values;
    std::set<std::int64_t> polled;
    std::map<std::int32_t, std::vector<const highwater::Operation*>> by_process;
    for (const auto& operation : history.operations) {
        REQUIRE(operation.process >= 0);
        REQUIRE(operation.invoked <= operation.completed);
        by_process[operation.process].push_back(&operation);
        if (operation.f == "send" && std::string(operation.type) == "ok")
            acknowledged += static_cast<std::int64_t>(operation.sends.size());
        for (const auto& record : operation.sends)
            REQUIRE(values.insert(record.value).second);
        for (const auto& record : operation.polled)
            polled.insert(record.value);
    }
    CHECK(acknowledged == seen().verdict.at("records").at("acknowledged"));
    CHECK(values.size() == seen().verdict.at("records").at("sent"));
    CHECK(polled.size() == seen().verdict.at("consumers").at("billing").at("distinct"));
    CHECK(history.keys == std::map<std::int32_t, std::string>{{0, "orders-0"}});
    for (auto& [process, operations] : by_process) {
        std::sort(operations.begin(), operations.end(), [](const auto* left, const auto* right) {
            return std::pair{left->entry_invoked, left->f != "assign"} <
                   std::pair{right->entry_invoked, right->f != "assign"};
        });
        for (std::size_t i = 1; i < operations.size(); ++i) {
            const bool consumes = operations[i]->f == "poll" || operations[i]->f == "assign";
            REQUIRE((consumes || operations[i - 1]->entry_completed < operations[i]->entry_invoked));
            REQUIRE((consumes || std::string(operations[i - 1]->type) != "info"));
        }
    }
}

TEST_CASE("history: records that no request carried have failed, others are unknown") {
    const char* text = R"({"topics": [{"name": "t"}], "producers": [{"records": {"count": 40, "rate": 100},
        "config": {"acks": "1", "delivery.timeout.ms": 3000, "request.timeout.ms": 1000,
                   "enable.idempotence": false}}],
        "faults": [{"at": "100ms", "do": "pause", "target": "all brokers"}], "until": "10s"})";
    const kafka::ReadResult input = kafka::read_scenario(text, "paused.json", {}, kafka::SettingTables());
    REQUIRE(input.scenario);
    highwater::Trace trace;
    highwater::Watch watch;
    watch.trace = &trace;
    const auto outcome = highwater::run_once(*input.scenario, 1, "", watch);
    const auto history = highwater::history_of(trace.entries(), *outcome.configuration);
    std::map<std::string, std::size_t> records;
    for (const auto& operation : history.operations)
        records[operation.type] += operation.sends.size();
    CHECK(records["ok"] > 0);
    CHECK(records["info"] > 0);
    CHECK(records["fail"] > 0);
    CHECK(records["ok"] + records["info"] + records["fail"] == 40);
}

TEST_CASE("formats: a written trace gives what the run gives") {
    const auto read = highwater::read_trace(seen().trace.render(*seen().configuration));
    REQUIRE(read.problems.empty());
    CHECK(highwater::edn_of(read.entries, read.names, {}) ==
          highwater::edn_of(seen().trace.entries(), *seen().configuration, {}));
    CHECK(highwater::shiviz_of(read.entries, read.names, {}).size() ==
          highwater::shiviz_of(seen().trace.entries(), *seen().configuration, {}).size());
    CHECK(!highwater::perfetto_of(read.entries, read.names, {}).empty());
    CHECK(Json::accept(highwater::perfetto_of({}, read.names, {})));
    CHECK(highwater::edn_of({}, read.names, {}).empty());
}
