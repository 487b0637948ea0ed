#include "tests/text.hpp"
#include "tools/highwater/sweep/file.hpp"
#include "tools/highwater/sweep/shard.hpp"
#include "tools/highwater/sweep/summary.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

using namespace highwater;

namespace {

SweepRow row_at(std::uint64_t seed, std::int64_t lost) {
    SweepRow row;
    row.seed = seed;
    row.fingerprint = "f" + std::to_string(seed);
    row[Count::sent] = 1000;
    row[Count::lost] = lost;
    row[Count::ack_p50_us] = 100;
    row[Count::ack_p99_us] = 900;
    return row;
}

SweepAbout example() {
    SweepAbout about;
    about.scenario = "x";
    about.file = "x.json";
    about.scenario_digest = "s";
    about.settings_digest = "t";
    about.build = "b";
    about.seed_last = 10;
    return about;
}

/// A file that goes away, and whatever stands beside it.
struct Scratch {
    std::string path;
    explicit Scratch(const std::string& name)
        : path(std::filesystem::temp_directory_path() / (std::to_string(getpid()) + "-" + name)) {
        clear();
    }
    ~Scratch() { clear(); }
    void clear() const {
        for (const char* end : {"", "-journal", ".new"})
            std::filesystem::remove(path + end);
    }
};

std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool everything(std::uint64_t) { return true; }

} // namespace

TEST_CASE("shard: parts and schedulers, each from its own numbering") {
    struct Case {
        const char* text;
        std::map<std::string, std::string> environment;
        std::uint64_t number, of; // 0 = refused
        const char* problem;
    };
    const Case cases[] = {
        {"2/8", {}, 2, 8, ""},
        {"1/1", {}, 1, 1, ""},
        {"0/8", {}, 0, 0, "expected a part"},
        {"9/8", {}, 0, 0, "expected a part"},
        {"x/8", {}, 0, 0, "expected a part"},
        {"2", {}, 0, 0, "expected a part"},
        {"2/", {}, 0, 0, "expected a part"},
        {"auto", {}, 0, 0, "none of SLURM_ARRAY_TASK_ID"},
        {"auto", {{"SLURM_ARRAY_TASK_ID", "0"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}, 1, 4, ""},
        {"auto",
         {{"SLURM_ARRAY_TASK_ID", "16"},
          {"SLURM_ARRAY_TASK_COUNT", "4"},
          {"SLURM_ARRAY_TASK_MIN", "10"},
          {"SLURM_ARRAY_TASK_STEP", "2"}},
         4,
         4,
         ""},
        {"auto", {{"SLURM_ARRAY_TASK_ID", "4"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}, 0, 0, "none of 4 shards"},
        {"auto", {{"JOB_COMPLETION_INDEX", "7"}}, 0, 0, "JOB_COMPLETIONS is not set; say how many"},
        {"auto", {{"JOB_COMPLETION_INDEX", "7"}, {"JOB_COMPLETIONS", "8"}}, 8, 8, ""},
        {"auto/8", {{"JOB_COMPLETION_INDEX", "0"}}, 1, 8, ""},
        {"auto", {{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}}, 3, 3, ""},
        {"auto", {{"OMPI_COMM_WORLD_RANK", "two"}, {"OMPI_COMM_WORLD_SIZE", "3"}}, 0, 0, "no number"},
        {"auto/8", {{"OMPI_COMM_WORLD_RANK", "2"}, {"SLURM_ARRAY_TASK_ID", "3"}}, 0, 0, "both set"},
    };
    for (const Case& one : cases) {
        const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
            const auto at = one.environment.find(name);
            return at == one.environment.end() ? std::nullopt : std::optional(at->second);
        };
        std::string problem;
        const auto shard = parse_shard(one.text, environment, problem);
        CHECK(shard.has_value() == (one.of > 0));
        if (shard) CHECK(*shard == Shard{one.number, one.of});
        CHECK_MESSAGE(has(problem, one.problem), problem);
    }
}

TEST_CASE("shard: every place belongs to exactly one part") {
    for (std::uint64_t place = 0; place < 100; ++place) {
        int owners = 0;
        for (std::uint64_t number = 1; number <= 7; ++number)
            owners += Shard{number, 7}.takes(place) ? 1 : 0;
        CHECK(owners == 1);
    }
    CHECK(for_shard("a-{shard}.db", {3, 7}) == "a-3.db");
    CHECK(for_shard("a.db", {3, 7}) == "a.db");
}

TEST_CASE("sweep file: bytes depend on rows, not on their order or on how often it was written") {
    const Scratch straight("highwater_straight.db");
    const Scratch crooked("highwater_crooked.db");
    {
        SweepFile file(straight.path, SweepFile::Purpose::write);
        file.set_about(example());
        for (std::uint64_t seed = 1; seed <= 300; ++seed)
            file.add(row_at(seed, 0));
        file.finish();
    }
    for (const std::uint64_t part : {1U, 0U, 2U}) {
        SweepFile file(crooked.path, SweepFile::Purpose::write);
        file.set_about(example());
        for (std::uint64_t seed = 300; seed >= 1; --seed)
            if (seed % 3 == part) file.add(row_at(seed, 0));
        if (part != 1) file.finish();
    }
    CHECK(bytes_of(straight.path).size() > 1000);
    CHECK(bytes_of(straight.path) == bytes_of(crooked.path));
    SweepFile file(crooked.path, SweepFile::Purpose::write);
    file.add(row_at(301, 1));
    file.finish();
    CHECK(bytes_of(straight.path) != bytes_of(crooked.path));
}

TEST_CASE("sweep file: rows come back as they went in, and what is missing is known") {
    const Scratch scratch("highwater_rows.db");
    SweepRow row = row_at(7, 3);
    row.violated = {"a", "b"};
    row.unmet = {"records.lost is 0"};
    {
        SweepFile file(scratch.path, SweepFile::Purpose::write);
        file.set_about(example());
        file.add(row);
        file.add(row_at(9, 0));
    } // no finish: as after Ctrl-C
    const SweepFile file(scratch.path, SweepFile::Purpose::read);
    REQUIRE(file.row(7));
    CHECK(*file.row(7) == row);
    CHECK(!file.row(8));
    CHECK(file.missing(5, 10, everything) == std::vector<std::uint64_t>{5, 6, 8, 10});
    CHECK(file.missing(5, 10, [](std::uint64_t place) { return place % 2 == 1; }) ==
          std::vector<std::uint64_t>{6, 8, 10});
    REQUIRE(file.about());
    CHECK(fields_of(*file.about()) == fields_of(example()));
}

TEST_CASE("sweep file: what is none is refused by name") {
    const Scratch scratch("highwater_none.db");
    const auto message = [&](SweepFile::Purpose purpose) {
        try {
            const SweepFile file(scratch.path, purpose);
        } catch (const SweepFileError& error) {
            return error.message;
        }
        return std::string("opened");
    };
    CHECK(has(message(SweepFile::Purpose::read), "cannot be opened"));
    std::ofstream(scratch.path) << std::string(5000, 'x');
    CHECK(has(message(SweepFile::Purpose::read), "is no file of results"));
    CHECK(has(message(SweepFile::Purpose::write), "is no file of results"));
    scratch.clear();
    const SweepFile writer(scratch.path, SweepFile::Purpose::write);
    CHECK(has(message(SweepFile::Purpose::write), "another process is writing it"));
}

TEST_CASE("sweep: results of another scenario, setting or build are told apart") {
    const SweepAbout mine = example();
    CHECK(difference(mine, mine).empty());
    SweepAbout other = example();
    other.file = "elsewhere/x.json"; // the same words in another place
    CHECK(difference(mine, other).empty());
    other.settings_digest = "u";
    CHECK(has(difference(mine, other), "other settings"));
    other = example();
    other.build = "c";
    CHECK(has(difference(mine, other), "another build"));
    other = example();
    other.scenario_digest = "y";
    CHECK(has(difference(mine, other), "another scenario: x, whose file has changed"));
}

TEST_CASE("sweep: sums, worst seeds and the digest") {
    SweepFile file("", SweepFile::Purpose::write);
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        file.add(row_at(seed, seed % 5 == 0 ? static_cast<std::int64_t>(seed) : 0));
    const SweepSummary summary = summarise(file, example(), 1, 10, everything);
    CHECK(summary.complete());
    CHECK(summary.outcomes[0].seeds == 2);
    CHECK(summary.outcomes[0].records == 15);
    CHECK(summary.outcomes[0].worst.front() == std::pair<std::int64_t, std::uint64_t>{10, 10});
    CHECK(has(text_of(summary, false), "highwater run x.json --seed 10"));
    CHECK(json_of(summary)["outcomes"]["lost"]["interval"][0].get<double>() == doctest::Approx(0.02521));

    SweepFile changed("", SweepFile::Purpose::write);
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        changed.add(row_at(seed, seed == 5 ? 5 : 0));
    CHECK(summarise(changed, example(), 1, 10, everything).digest != summary.digest);
    CHECK(!summarise(changed, example(), 1, 11, everything).complete());
    CHECK(has(text_of(summarise(changed, example(), 1, 11, everything), false), "1 seeds are missing"));
}
