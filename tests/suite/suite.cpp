// All of `highwater test` but the command line: what is told, and that it is the same for any number of
// threads.

#include "tools/highwater/suite/suite.hpp"

#include "sim/core/assert.hpp"
#include "tests/suite/folder.hpp"
#include "tests/text.hpp"
#include "tools/highwater/suite/annotations.hpp"
#include "tools/highwater/suite/golden.hpp"
#include "tools/highwater/suite/json.hpp"
#include "tools/highwater/suite/junit.hpp"
#include "tools/highwater/suite/text.hpp"

#include <doctest/doctest.h>

#include <regex>

using namespace highwater;

namespace {

std::string scenario_text(const std::string& name, const std::string& expectation, int seeds = 1) {
    return R"({"name": ")" + name + R"(", "topics": [{"name": "t"}], "seeds": )" + std::to_string(seeds) +
           R"(,
"producers": [{"name": "shop", "records": {"count": 300, "rate": 1000}}],
"expect": [
  {"that": "records.acknowledged", "is": 300},
  {"that": "records.lost", )" +
           expectation + "}]}\n";
}

struct Tested {
    SuiteResult result;
    std::string text; // without times
    std::string json;
    std::string junit;     // without times
    std::string annotated; // for GitHub
};

Tested test_folder(const TestFolder& folder, SuiteOptions options) {
    Tested tested;
    SuiteListener listener;
    listener.finished = [&](const ScenarioResult& one) {
        tested.text += text_of(one, false, false);
        tested.annotated += github_annotations(one);
    };
    tested.result = run_suite(find_scenarios({folder.path()}), options, listener);
    tested.json = json_of(tested.result).dump(2);
    tested.junit = std::regex_replace(junit_of(tested.result), std::regex(" time=\"[0-9.]+\""), "");
    return tested;
}

} // namespace

TEST_CASE("suite: text, JSON and JUnit are the same for any number of threads") {
    const TestFolder folder("threads");
    folder.write("a.json", scenario_text("a", R"("is": 0)", 5));
    folder.write("b.json", "{ broken");
    folder.write("c.json", scenario_text("c", R"("at_least": 1)", 7));
    folder.write("d.json", scenario_text("d", R"("is": 0)"));
    SuiteOptions options;
    options.verify_determinism = true;
    const Tested one = test_folder(folder, options);
    options.threads = 3;
    const Tested three = test_folder(folder, options);
    CHECK(one.text == three.text);
    CHECK(one.json == three.json);
    CHECK(one.junit == three.junit);
    CHECK(one.result.scenarios.size() == 4);
    CHECK(exit_code_of(one.result) == 2); // the broken file outweighs the expectation that failed
}

TEST_CASE("suite: a failure says what was wanted and got, under which seeds, and how to see it again") {
    const TestFolder folder("failures");
    folder.write("c.json", scenario_text("c, 100%", R"("at_least": 1)", 7));
    const Tested tested = test_folder(folder, {});
    CHECK(exit_code_of(tested.result) == 1);
    CHECK(has(tested.text, "expectation failed under seeds 1, 2, 3, 4, 5 and 2 more: records.lost: wanted at "
                           "least 1, got 0"));
    CHECK(has(tested.text, "repeat: highwater run " + folder.file("c.json") + " --seed 1"));
    CHECK(has(tested.junit, "failures=\"1\" errors=\"0\" skipped=\"4\""));
    CHECK(has(tested.junit, "name=\"expectation records.lost at least 1\""));
    CHECK(has(tested.junit, "<property name=\"fingerprint of seed 7\""));
    CHECK(has(tested.annotated, ",line=5,title=c%2C 100%25%2C seeds 1%2C 2%2C 3%2C 4%2C 5 and 2 more::"
                                "expectation failed: records.lost: wanted at least 1, got 0%0Arepeat: "));
    CHECK(has(tested.json, "\"format\": \"highwater.test/1\""));
    CHECK(has(tested.json, "\"pointer\": \"/expect/1\""));
}

TEST_CASE("suite: --seeds and --filter") {
    const TestFolder folder("filter");
    folder.write("one/first.json", scenario_text("first", R"("is": 0)", 5));
    folder.write("two/second.json", scenario_text("second", R"("is": 0)"));
    SuiteOptions options;
    options.seeds = 3;
    options.filter = "sec";
    const Tested tested = test_folder(folder, options);
    REQUIRE(tested.result.scenarios.size() == 1);
    CHECK(tested.result.scenarios[0].name == "second");
    CHECK(tested.result.scenarios[0].runs.size() == 3);
    CHECK(matches("f*t", "first", "x.json"));
    CHECK(matches("*/two/*", "second", "a/two/second.json"));
    CHECK(!matches("f?", "first", "x.json"));
    CHECK(!matches("third", "first", "x.json"));
}

TEST_CASE("suite: a path that is not in the verdict is bad input, told once") {
    const TestFolder folder("paths");
    folder.write("a.json", R"({"topics": [{"name": "t"}], "seeds": 3,
                               "expect": [{"that": "records.losst", "is": 0}]})");
    const Tested tested = test_folder(folder, {});
    CHECK(exit_code_of(tested.result) == 2);
    CHECK(tested.result.scenarios[0].errors.size() == 1);
    CHECK(has(tested.text, "did you mean \"lost\"?"));
    CHECK(has(tested.junit, "<error message="));
}

TEST_CASE("suite: an assertion of the simulator is reported as its bug: exit 70") {
    const TestFolder folder("bug");
    folder.write("a.json", scenario_text("a", R"("is": 0)"));
    SuiteOptions options;
    options.verify_determinism = true;
    options.disturbance = [](kafka::World& world) {
        if (world.events == 10) throw sim::AssertionFailure("made up by the test");
    };
    const Tested tested = test_folder(folder, options);
    CHECK(exit_code_of(tested.result) == 70);
    CHECK(has(tested.text, "a bug in the simulator: made up by the test"));
}

TEST_CASE("golden: written when asked, compared under seed 1, told by the first line that differs") {
    const TestFolder folder("golden");
    folder.write("a.json", scenario_text("a", R"("is": 0)", 2));
    SuiteOptions update;
    update.update = true;
    CHECK(test_folder(folder, update).result.scenarios[0].golden_written.empty()); // none there, not named
    const Findings named = find_scenarios({folder.file("a.json")});
    CHECK(run_suite(named, update, {}).scenarios[0].golden_written == folder.file("a.trace"));
    CHECK(test_folder(folder, {}).result.scenarios[0].checks.back().example.kind == Check::Kind::golden);
    CHECK(exit_code_of(test_folder(folder, {}).result) == 0);

    folder.write("a.trace", "{\"time_us\":0}\n");
    const Tested tested = test_folder(folder, {});
    CHECK(exit_code_of(tested.result) == 1);
    CHECK(has(tested.text, "golden trace failed under seed 1: " + folder.file("a.trace") +
                               " differs at line 1\n           golden {\"time_us\":0}"));
    CHECK(has(tested.text, "repeat: highwater test " + folder.file("a.json")));
    CHECK(!test_folder(folder, update).result.scenarios[0].golden_written.empty());
    CHECK(exit_code_of(test_folder(folder, {}).result) == 0);
    SuiteOptions other; // with -X it is another scenario, which the golden trace does not describe
    other.overrides = {{"acks", "1"}};
    CHECK(exit_code_of(test_folder(folder, other).result) == 0);
}

TEST_CASE("golden: a trace that ends early differs too") {
    const Check check = compare_golden("x.trace", "a\nb\n", "a\n");
    CHECK(check.state == Check::State::failed);
    CHECK(check.because == "differs at line 2");
    CHECK(check.wanted == "b");
    CHECK(compare_golden("x.trace", "", "a\n").state == Check::State::failed);
    CHECK(compare_golden("x.trace", "a\n", "a").state == Check::State::failed);
    CHECK(compare_golden("x.trace", "a\n", "a\n").state == Check::State::passed);
}

TEST_CASE("junit: what XML cannot hold is replaced") {
    CHECK(xml_text("a<b>&\"c\"\n") == "a&lt;b&gt;&amp;&quot;c&quot;&#10;");
    CHECK(xml_text(std::string("\x01\x1b", 2)) == "??");
    CHECK(xml_text("\xEF\xBF\xBF-\xC3\xA4") == "?-\xC3\xA4");
    CHECK(xml_text("\xFF") == "\xEF\xBF\xBD");
}
