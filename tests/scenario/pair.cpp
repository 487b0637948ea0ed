// Files with two sides: the release in which something is lost, and the one that mended it.

#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

ReadResult read_pair(const std::string& text, const std::vector<Override>& overrides = {}) {
    const SettingTables tables;
    return read_scenario(text, "x.json", overrides, tables);
}

std::string pair_problems(const std::string& text) {
    std::string all;
    for (const InputProblem& problem : read_pair(text).problems)
        all += format(problem) + "\n";
    return all;
}

std::string one_topic(const std::string& rest) { return R"({"topics":[{"name":"t"}],)" + rest + "}"; }

const std::string expects_loss = R"({"that":"records.lost","at_least":1})";
const std::string expects_none = R"({"that":"records.lost","is":0})";

} // namespace

TEST_CASE("pair: the release in force decides whose expectations count") {
    const std::string text = one_topic(R"("release":"0.10.2","expect":[)" + expects_loss +
                                       R"(],"fixed":{"release":"0.11.0","expect":[)" + expects_none + "]}");
    REQUIRE(pair_problems(text).empty());
    const struct {
        const char* release;
        bool fixed;
    } cases[] = {{"0.9.0", false}, {"0.10.2", false}, {"0.11.0", true}, {"4.0", true}};
    for (const auto& one : cases) {
        const ReadResult result = read_pair(text, {{"release", one.release}});
        REQUIRE(result.scenario);
        CHECK(result.scenario->pair->is_fixed == one.fixed);
        REQUIRE(result.scenario->expectations.size() == 1);
        CHECK(result.scenario->expectations[0].pointer == (one.fixed ? "/fixed/expect/0" : "/expect/0"));
    }
    const ReadResult plain = read_pair(text);
    CHECK(plain.scenario->pair->affected == Release::v0_10_2);
    CHECK(plain.scenario->pair->fixed == Release::v0_11_0);
    CHECK_FALSE(plain.scenario->pair->is_fixed);
    CHECK_FALSE(read_pair(one_topic(R"("expect":[)" + expects_none + "]")).scenario->pair);
}

TEST_CASE("pair: what is missing or the wrong way round is told with its place") {
    const std::string sides =
        R"("expect":[)" + expects_loss + R"(],"fixed":{"release":"2.0","expect":[)" + expects_none + "]}";
    CHECK(has(pair_problems(one_topic(sides)),
              "/release: a file with \"fixed\" names the release in which the damage happens"));
    CHECK(has(pair_problems(one_topic(R"("release":"2.0",)" + sides)),
              "/fixed/release: expected a release after 2.0, in which the damage happens, got \"2.0\""));
    CHECK(has(pair_problems(one_topic(R"("release":"1.1","expect":[)" + expects_loss +
                                      R"(],"fixed":{"expect":[)" + expects_none + "]}")),
              "/fixed/release: expected the first release without the damage"));
    CHECK(has(pair_problems(one_topic(R"("release":"1.1","expect":[)" + expects_loss +
                                      R"(],"fixed":{"release":"2.0"})")),
              "/fixed/expect: expected what holds under the fixed release"));
    CHECK(has(pair_problems(
                  one_topic(R"("release":"1.1","fixed":{"release":"2.0","expect":[)" + expects_none + "]}")),
              "/expect: a file with \"fixed\" says what happens under the release that it names"));
    CHECK(has(pair_problems(one_topic(R"("release":"1.1","expect":[)" + expects_loss +
                                      R"(],"fixed":{"release":"7.7","expects":[]})")),
              "/fixed/release: expected a Kafka release"));
    CHECK(has(pair_problems(one_topic(R"("release":"1.1","expect":[)" + expects_loss +
                                      R"(],"fixed":{"release":"2.0","expects":[]})")),
              "/fixed/expects: unknown key; did you mean \"expect\"?"));
    CHECK(has(pair_problems(one_topic(R"("release":"1.1","fixed":"2.0")")), "/fixed: expected an object"));
}
