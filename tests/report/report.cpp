// Goal: what a page is made of says what the verdict says, in equal bytes, and lets nothing out.

#include "tools/highwater/report/report.hpp"
#include "tools/highwater/report/points.hpp"
#include "tools/highwater/report/sha256.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace {

using highwater::Point;
using kafka::Json;

constexpr const char* crashing = R"({
  "name": "crashing", "brokers": [{"id": 1, "rack": "a"}, {"id": 2, "rack": "b"}, {"id": 3, "rack": "c"}],
  "links": [{"between": ["rack a", "rack b"], "listener": "replication",
             "latency": {"p50": "30ms", "p99": "45ms", "max": "60ms"}},
            {"between": ["rack a", "rack c"], "listener": "replication",
             "latency": {"p50": "30ms", "p99": "45ms", "max": "60ms"}}],
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
  "producers": [{"name": "shop", "topic": "orders", "rack": "a", "records": {"count": 4000, "rate": 500},
                 "config": {"acks": "1", "enable.idempotence": false}}],
  "consumers": [{"name": "billing", "topics": ["orders"], "group": "billing",
                 "config": {"auto.offset.reset": "earliest"}}],
  "faults": [{"name": "first", "at": "3s", "do": "crash", "target": "leader of orders-0", "for": "9s"}]})";

/// A run as a page gets it.
struct Pictured {
    Json verdict, run;
};

Pictured pictured(const std::vector<std::string>& records = {}) {
    const kafka::Scenario scenario =
        *kafka::read_scenario(crashing, "crashing.json", {}, kafka::SettingTables()).scenario;
    highwater::Trace trace;
    highwater::Watch watch;
    watch.trace = &trace;
    const auto outcome = highwater::run_once(scenario, 1, "", watch);
    std::vector<highwater::ChosenRecord> chosen;
    for (const std::string& name : records)
        chosen.push_back(highwater::find_record(*outcome.configuration, name).value());
    std::vector<std::string> problems;
    return {highwater::verdict_of(outcome, problems),
            highwater::picture_of(outcome, trace.entries(), chosen)};
}

bool tells(const Json& biography, const std::string& words) {
    for (const Json& moment : biography.at("moments"))
        if (moment.at("title").get<std::string>().find(words) != std::string::npos) return true;
    return false;
}

} // namespace

TEST_CASE("report: lanes end where the verdict ends") {
    const Pictured one = pictured();
    const Json& partition = one.run.at("partitions").at(0);
    const Json& verdict = one.verdict.at("partitions").at("orders-0");
    REQUIRE(partition.at("replicas").size() == 3);
    for (const Json& replica : partition.at("replicas")) {
        CHECK(replica.at("log_end").back() == verdict.at("log_end_offset"));
        CHECK(replica.at("high_watermark").back() == verdict.at("high_watermark"));
    }
    CHECK(partition.at("decided").size() == verdict.at("timeline").size());
    CHECK(partition.at("decided").back().at(3) == verdict.at("isr"));
    const Json& old_leader = partition.at("replicas").at(0);
    std::vector<std::string> roles;
    for (const Json& role : old_leader.at("roles"))
        roles.push_back(role.at(1));
    CHECK(roles == std::vector<std::string>{"leader", "down", "follower"});
    CHECK(old_leader.at("cuts").size() == 1);
}

TEST_CASE("report: a fault lasts until its process is back, and a slow link is no fault") {
    const Json faults = pictured().run.at("faults");
    REQUIRE(faults.size() == 1);
    CHECK(faults.at(0).at("from_us") == 3000000);
    CHECK(faults.at(0).at("target") == "broker 1");
    CHECK(faults.at(0).at("to_us") > 12000000); // "for" and the start of the process
    const Json lives = pictured().run.at("lives");
    CHECK(lives.at(0).at("states").at(1) == Json::array({3000000, "down"}));
}

TEST_CASE("report: requests and lag add up") {
    const Pictured one = pictured();
    std::int64_t acknowledged = 0;
    for (const Json& request : one.run.at("producers").at(0).at("requests"))
        if (request.at(2) == 0) acknowledged += request.at(3).get<std::int64_t>();
    CHECK(acknowledged == one.verdict.at("records").at("acknowledged"));
    std::int64_t delivered = 0;
    const Json& deliveries = one.run.at("consumers").at(0).at("deliveries");
    for (std::size_t i = 1; i < deliveries.size(); i += 2)
        delivered += deliveries.at(i).get<std::int64_t>();
    CHECK(delivered == one.verdict.at("consumers").at("billing").at("read"));
    REQUIRE(one.run.at("series").size() == 2);
    const Json& latency = one.run.at("series").at(0).at("points");
    std::int64_t greatest = 0;
    for (std::size_t i = 1; i < latency.size(); i += 2)
        greatest = std::max(greatest, latency.at(i).get<std::int64_t>());
    CHECK(greatest == one.verdict.at("producers").at("shop").at("ack_latency_us").at("max"));
    CHECK(one.run.at("series").at(1).at("points").back() ==
          one.verdict.at("consumers").at("billing").at("lag").at("end"));
}

TEST_CASE("report: the life of a lost record goes from its append to its last copy") {
    const Pictured one = pictured({"shop:10"});
    const Json& losses = one.verdict.at("losses");
    REQUIRE(!losses.empty());
    const Json& all = one.run.at("biographies");
    REQUIRE(all.size() == losses.size() + 1);
    CHECK(all.at(0).at("record") == "shop:10");
    CHECK(all.at(0).at("fate") == "chosen");
    CHECK(tells(all.at(0), "billing reads it"));
    const Json& lost = all.at(1);
    CHECK(lost.at("record") == losses.at(0).at("records").at(0));
    CHECK(lost.at("fate") == "lost");
    for (const char* words : {"Broker 1 appends it", "Broker 1 acknowledges", "Broker 1 crashes",
                              "without it", "The last copy goes, from broker 1"})
        CHECK_MESSAGE(tells(lost, words), words);
    for (const Json& moment : lost.at("moments")) {
        if (moment.at("title") != "Broker 1 acknowledges") continue;
        CHECK(moment.at("strips").at(0).at("has") == true);
        CHECK(moment.at("strips").at(1).at("has") == false);
        CHECK(moment.at("time_us") == losses.at(0).at("acknowledged_us"));
    }
    CHECK(!tells(lost, "The high watermark passes it")); // it passes another record at that offset
    CHECK(tells(all.at(0), "The high watermark passes it"));
    for (const Json& strip : lost.at("moments").back().at("strips"))
        CHECK(strip.at("has") == false);
}

TEST_CASE("report: records have the verdict's names, and nothing else is one") {
    const kafka::Scenario scenario =
        *kafka::read_scenario(crashing, "crashing.json", {}, kafka::SettingTables()).scenario;
    const kafka::Configuration& configuration = *scenario.configuration;
    CHECK(highwater::find_record(configuration, "shop:17")->value == 17);
    for (const char* wrong : {"", "shop", "shop:", "shop:-1", "shop:1x", "other:1", "shop/0:1", "billing:1"})
        CHECK_MESSAGE(!highwater::find_record(configuration, wrong), wrong);
}

TEST_CASE("report: the same run gives the same bytes, and names cannot end the data") {
    const std::string evil = "</script><script>alert(1)</script>{{script}}{{data}}<!--";
    const auto page = [&] {
        const Pictured one = pictured();
        return highwater::page_of({{"format", "highwater.report/1"},
                                   {"kind", "run"},
                                   {"version", "0"},
                                   {"story", evil},
                                   {"verdict", one.verdict},
                                   {"run", one.run}},
                                  evil);
    };
    const std::string text = page();
    CHECK(text == page());
    CHECK(text.find("alert(1)</script>") == std::string::npos);
    std::size_t ends = 0;
    for (std::size_t at = text.find("</script>"); at != std::string::npos;
         at = text.find("</script>", at + 1))
        ++ends;
    CHECK(ends == 2);
    const std::size_t from = text.find("id=\"data\">") + 10;
    const Json data = Json::parse(text.substr(from, text.find("</script>", from) - from));
    CHECK(data.at("story") == evil);
    CHECK(text.find("http:") == text.find("http://www.w3.org/2000/svg")); // a name, no address
    CHECK(text.find("https:") == std::string::npos);
    CHECK(text.find("default-src 'none'; script-src 'sha256-") != std::string::npos);
    CHECK(text.find("unsafe-") == std::string::npos);
}

TEST_CASE("report: thinning keeps every peak and the order") {
    std::vector<Point> points;
    for (std::int64_t i = 0; i < 100000; ++i)
        points.push_back({i * 3, i == 54321 ? 1000000 : i == 77 ? -5 : i % 10});
    const std::vector<Point> few = highwater::thinned(points, 4000);
    CHECK(few.size() <= 4000);
    CHECK(few.size() > 2000);
    CHECK(few.front() == points.front());
    CHECK(few.back() == points.back());
    const auto by_value = [](const Point& left, const Point& right) { return left.value < right.value; };
    CHECK(std::max_element(few.begin(), few.end(), by_value)->value == 1000000);
    CHECK(std::min_element(few.begin(), few.end(), by_value)->value == -5);
    for (std::size_t i = 1; i < few.size(); ++i)
        REQUIRE(few[i - 1].time < few[i].time);
    CHECK(highwater::thinned({points.begin(), points.begin() + 100}, 4000).size() == 100);
    CHECK(highwater::thinned({}, 10).empty());
}

TEST_CASE("report: the page's own files stay short, and take nothing from elsewhere") {
    std::size_t files = 0;
    const std::filesystem::path folder = std::string(HIGHWATER_SOURCE_DIR) + "/tools/highwater/report";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string kind = entry.path().extension().string();
        if (kind != ".js" && kind != ".css" && kind != ".html") continue;
        ++files;
        std::ifstream in(entry.path());
        std::size_t lines = 0;
        for (std::string line; std::getline(in, line); ++lines) {
            CHECK_MESSAGE(line.size() <= 160, entry.path() << ": " << line);
            for (const char* word : {"innerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(",
                                     "XMLHttpRequest", "@import", "url(http", "src=\""})
                CHECK_MESSAGE(line.find(word) == std::string::npos, entry.path() << ": " << line);
        }
        CHECK(lines <= 500);
    }
    CHECK(files > 10);
}

TEST_CASE("sha256: the standard's own examples") {
    CHECK(highwater::sha256_base64("") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    CHECK(highwater::sha256_base64("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    CHECK(highwater::sha256_base64("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE=");
}
