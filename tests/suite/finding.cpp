#include "tools/highwater/suite/finding.hpp"

#include "tests/suite/folder.hpp"

#include <doctest/doctest.h>

using namespace highwater;

TEST_CASE("finding: presets and measurements are passed over, and nothing else") {
    CHECK(!passed_over_because(R"({"format": "highwater.preset/1", "config": {}})").empty());
    CHECK(!passed_over_because(R"({"format": "highwater.preset/1", "topics": []})").empty());
    CHECK(!passed_over_because(R"({"experiment": "R01", "facts": []})").empty());
    CHECK(passed_over_because(R"({"topics": [{"name": "t"}]})").empty());
    CHECK(passed_over_because(R"({"topics": [], "experiment": "R01"})").empty());
    CHECK(passed_over_because(R"(/* a comment */ {"topcis": []})").empty()); // a typing error is no excuse
    CHECK(passed_over_because("{}").empty());
    CHECK(passed_over_because("[1, 2]").empty());
    CHECK(passed_over_because("").empty());
    CHECK(passed_over_because(R"({"experiment": "R01", )").empty()); // does not parse
    CHECK(passed_over_because(R"({"format": "something else"})").empty());
}

TEST_CASE("finding: files come sorted, none twice, hidden folders are not entered") {
    const TestFolder folder("finding");
    for (const char* name : {"b/two.json", "a/one.json", "b/notes.txt", ".git/x.json", "b/.hidden.json"})
        folder.write(name, "{}");
    folder.write("b/preset.json", R"({"format": "highwater.preset/1"})");
    const Findings findings =
        find_scenarios({folder.file("b/two.json"), folder.path(), folder.path() + "/./a"});
    REQUIRE(findings.files.size() == 2);
    CHECK(findings.files[0].file == folder.file("b/two.json"));
    CHECK(findings.files[0].named);
    CHECK(findings.files[1].file == folder.file("a/one.json"));
    CHECK(!findings.files[1].named);
    REQUIRE(findings.passed_over.size() == 1);
    CHECK(findings.passed_over[0].why == "its format is highwater.preset/1");
    CHECK(findings.problems.empty());
    CHECK(find_scenarios({folder.file("nowhere")}).problems.size() == 1);
}
