#include "tools/highwater/study/variation.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace highwater;

TEST_CASE("variation: every combination of values, the last setting fastest, under every preset") {
    std::string problem;
    const auto two = variations_of({}, {"acks=1,all", "min.insync.replicas=1,2"}, problem);
    CHECK(problem == "");
    REQUIRE(two.size() == 4);
    CHECK(two[0].name == "acks=1 min.insync.replicas=1");
    CHECK(two[1].name == "acks=1 min.insync.replicas=2");
    CHECK(two[3].name == "acks=all min.insync.replicas=2");
    CHECK(two[3].settings[1].second == "2");
    std::vector<kafka::Preset> presets(2);
    presets[0].name = "fast";
    presets[1].name = "balanced";
    const auto under = variations_of(presets, {"linger.ms=0,5,10"}, problem);
    REQUIRE(under.size() == 6);
    CHECK(under[0].name == "fast linger.ms=0");
    CHECK(under[5].name == "balanced linger.ms=10");
    CHECK(under[5].preset == &presets[1]);
    CHECK(variations_of(presets, {}, problem)[1].name == "balanced");
}

TEST_CASE("variation: what is not key=value,value is refused with a reason") {
    const auto complaint = [](const std::vector<std::string>& vary) {
        std::string problem;
        CHECK(variations_of({}, vary, problem).empty());
        return problem;
    };
    CHECK(has(complaint({"acks"}), "expected key=value,value"));
    CHECK(has(complaint({"acks=1,"}), "a value of acks is empty"));
    CHECK(has(complaint({"acks=1,1"}), "stands twice"));
    CHECK(has(complaint({"acks=1,all", "acks=0"}), "varied twice"));
    CHECK(has(complaint({"a=1,2,3,4,5,6,7,8,9", "b=1,2,3,4,5,6,7,8"}), "more than 64"));
}
