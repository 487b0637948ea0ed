// Who may include whom: arrows go down only (architecture.md, section 1).

#include "tests/tidy/source_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace {

/// The module of a file: its folder, as far as the table below tells folders apart.
std::string module_of(const std::string& path) {
    const std::vector<std::string> deep{"models/client/producer",    "models/client/consumer",
                                        "models/client/application", "models/control/kraft",
                                        "models/control/zookeeper",  "models/group/classic",
                                        "models/group/consumer"};
    for (const std::string& one : deep)
        if (path.rfind(one + "/", 0) == 0) return one;
    const std::size_t first = path.find('/');
    if (path.rfind("tools/", 0) == 0) return "tools";
    const std::size_t second = path.find('/', first + 1);
    return path.substr(0, second);
}

/// What each module may include besides itself.
const std::map<std::string, std::set<std::string>>& allowed() {
    static const std::map<std::string, std::set<std::string>> table = [] {
        std::map<std::string, std::set<std::string>> t;
        t["sim/core"] = {};
        t["sim/choices"] = {"sim/core"};
        t["sim/queue"] = {"sim/core"};
        t["sim/physics"] = {"sim/core", "sim/choices", "sim/queue"};
        const std::set<std::string> sim{"sim/core", "sim/choices", "sim/queue", "sim/physics"};
        const auto with = [](std::set<std::string> base, std::initializer_list<const char*> more) {
            base.insert(more.begin(), more.end());
            return base;
        };
        t["models/vocabulary"] = sim;
        t["models/dialect"] = with(sim, {"models/vocabulary"});
        t["models/settings"] = with(sim, {"models/vocabulary", "models/dialect"});
        t["models/turn"] = with(t["models/settings"], {"models/settings"});
        t["models/log"] = with(t["models/turn"], {"models/turn"});
        t["models/replication"] = with(t["models/log"], {"models/log"});
        t["models/group"] = with(t["models/turn"], {"models/turn", "models/group/classic",
                                                    "models/group/consumer"}); // not log, not replication
        t["models/group/classic"] = with(t["models/turn"], {"models/turn", "models/group"});
        t["models/group/consumer"] = t["models/group/classic"]; // the two never meet
        t["models/transaction"] = with(t["models/turn"], {"models/turn"});
        t["models/control"] = with(t["models/turn"], {"models/turn"}); // not log, not replication
        t["models/control/kraft"] = with(t["models/control"], {"models/control"});
        t["models/control/zookeeper"] = t["models/control/kraft"];
        t["models/broker"] =
            with(t["models/replication"],
                 {"models/replication", "models/group", "models/group/classic", "models/group/consumer",
                  "models/transaction", "models/control/zookeeper"}); // that controller lives in a broker
        t["models/client"] = with(t["models/turn"], {"models/turn"});
        t["models/client/producer"] = with(t["models/client"], {"models/client"});
        t["models/client/application"] = t["models/client/producer"]; // values; a client drives its own
        t["models/client/producer"].insert("models/client/application");
        t["models/client/consumer"] =
            with(t["models/client/producer"], {"models/group", "models/client/application", // assignors
                                               "models/client/producer"}); // of the same process
        t["models/cluster"] =
            with(t["models/broker"],
                 {"models/broker", "models/control", "models/control/kraft", "models/control/zookeeper",
                  "models/client",
                  "models/client/producer", "models/client/consumer", "models/client/application"});
        t["models/check"] = with(t["models/cluster"], {"models/cluster"});
        t["models/scenario"] = with(t["models/check"], {"models/check"});
        t["tools"] = with(t["models/scenario"], {"models/scenario"});
        return t;
    }();
    return table;
}

/// Complaint about one include, or nothing.
std::string complaint(const std::string& path, const std::string& line) {
    if (path.rfind("tests/", 0) == 0) return "";
    if (line.rfind("#include \"", 0) == 0) {
        const std::string target = line.substr(10, line.find('"', 10) - 10);
        const std::string from = module_of(path);
        const std::string to = module_of(target);
        const auto row = allowed().find(from);
        if (row == allowed().end()) return path + ": its folder is not in the layering table";
        if (from != to && row->second.count(to) == 0) return path + ": " + from + " may not include " + to;
    }
    const bool json_place = path.rfind("models/scenario/", 0) == 0 || path.rfind("tools/", 0) == 0;
    if (line.find("#include <nlohmann") == 0 && !json_place)
        return path + ": JSON stays in models/scenario and tools";
    if (line.find("#include <CLI/") == 0 && path.rfind("tools/", 0) != 0)
        return path + ": CLI11 stays in tools";
    if (line.find("#include <fmt/") == 0 && !json_place)
        return path + ": fmt stays in models/scenario and tools";
    if (line.find("#include <boost/program_options") == 0 && path.rfind("models/settings/", 0) != 0)
        return path + ": Boost.Program_options stays in models/settings";
    return "";
}

} // namespace

TEST_CASE("layering: arrows go down only") {
    for (const SourceFile& file : source_files())
        for (const std::string& line : lines_of(file.text)) {
            const std::string wrong = complaint(file.path, line);
            CHECK_MESSAGE(wrong.empty(), wrong);
        }
}

TEST_CASE("layering: each rule turns red") {
    CHECK(!complaint("sim/core/x.hpp", "#include \"models/log/log.hpp\"").empty());
    CHECK(!complaint("models/replication/x.hpp", "#include \"models/control/election.hpp\"").empty());
    CHECK(!complaint("models/control/x.hpp", "#include \"models/log/log.hpp\"").empty());
    CHECK(!complaint("models/control/kraft/x.hpp", "#include \"models/control/zookeeper/y.hpp\"").empty());
    CHECK(!complaint("models/group/classic/x.hpp", "#include \"models/group/consumer/y.hpp\"").empty());
    CHECK(!complaint("models/transaction/x.hpp", "#include \"models/group/coordinator.hpp\"").empty());
    CHECK(!complaint("models/group/x.hpp", "#include \"models/log/log.hpp\"").empty());
    CHECK(!complaint("models/log/x.cpp", "#include <nlohmann/json.hpp>").empty());
    CHECK(!complaint("models/scenario/x.cpp", "#include <CLI/CLI.hpp>").empty());
    CHECK(complaint("models/log/x.cpp", "#include \"models/vocabulary/ids.hpp\"").empty());
}
