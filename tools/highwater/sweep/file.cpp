#include "tools/highwater/sweep/file.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sqlite3.h>

namespace highwater {

namespace {

/// A prepared statement.
class Statement {
  public:
    Statement(sqlite3* database, const std::string& text) {
        code = sqlite3_prepare_v2(database, text.c_str(), -1, &prepared_, nullptr);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(prepared_); }

    Statement& bind(int place, std::int64_t value) {
        sqlite3_bind_int64(prepared_, place, value);
        return *this;
    }
    Statement& bind(int place, const std::string& value) {
        sqlite3_bind_text(prepared_, place, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
        return *this;
    }
    /// True while there is a row.
    bool step() {
        if (code == SQLITE_OK || code == SQLITE_ROW) code = sqlite3_step(prepared_);
        return code == SQLITE_ROW;
    }
    bool done() const { return code == SQLITE_DONE; }
    std::int64_t number(int column) const { return sqlite3_column_int64(prepared_, column); }
    std::string text(int column) const {
        const unsigned char* value = sqlite3_column_text(prepared_, column);
        return value == nullptr ? "" : reinterpret_cast<const char*>(value);
    }
    int code = SQLITE_OK;

  private:
    sqlite3_stmt* prepared_ = nullptr;
};

std::string columns() {
    std::string text = "seed, fingerprint";
    for (const char* name : count_names)
        text += std::string(", ") + name;
    return text + ", violated, unmet";
}

std::string schema() {
    std::string text = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
                       "CREATE TABLE results (seed INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL";
    for (const char* name : count_names)
        text += std::string(", ") + name + " INTEGER NOT NULL";
    return text + ", violated TEXT NOT NULL, unmet TEXT NOT NULL);";
}

SweepRow row_from(const Statement& statement) {
    SweepRow row;
    row.seed = static_cast<std::uint64_t>(statement.number(0));
    row.fingerprint = statement.text(1);
    for (std::size_t i = 0; i < count_count; ++i)
        row.counts[i] = statement.number(static_cast<int>(i) + 2);
    row.violated = names_of(statement.text(static_cast<int>(count_count) + 2));
    row.unmet = names_of(statement.text(static_cast<int>(count_count) + 3));
    return row;
}

std::int64_t milliseconds() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

void SweepFile::Closer::operator()(sqlite3* database) const { sqlite3_close(database); }

void SweepFile::fail(const std::string& what) const {
    throw SweepFileError{(path_.empty() ? "the temporary file of results" : path_) + ": " + what};
}

void SweepFile::run(const std::string& statement) const {
    check(sqlite3_exec(database_.get(), statement.c_str(), nullptr, nullptr, nullptr));
}

void SweepFile::check(int code) const {
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        fail("another process is writing it; give each shard a file of its own: -o results-{shard}.db");
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) fail("is no file of results");
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) fail(sqlite3_errmsg(database_.get()));
}

SweepFile::SweepFile(const std::string& path, Purpose purpose) : path_(path) {
    sqlite3* opened = nullptr;
    const int flags = purpose == Purpose::read
                          ? SQLITE_OPEN_READWRITE // what a kill left half done is rolled back
                          : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    if (code != SQLITE_OK) fail("cannot be opened");
    if (purpose == Purpose::write) run("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;");
    Statement tables(opened, "SELECT count(*), sum(name IN ('about', 'results')) FROM sqlite_schema "
                             "WHERE type = 'table'");
    tables.step();
    check(tables.code);
    const std::int64_t all = tables.number(0);
    const std::int64_t known = tables.number(1);
    if (all == 0 && purpose == Purpose::write)
        run(schema());
    else if (all != 2 || known != 2)
        fail("is no file of results");
    Statement shape(opened, "SELECT " + columns() + " FROM results LIMIT 0");
    if (shape.code != SQLITE_OK) fail("holds results of another build, with other columns");
    if (purpose == Purpose::write) run("COMMIT");
}

SweepFile::~SweepFile() {
    if (database_ && in_transaction_)
        sqlite3_exec(database_.get(), "COMMIT", nullptr, nullptr, nullptr); // what is finished is kept
}

std::optional<SweepAbout> SweepFile::about() const {
    std::vector<std::pair<std::string, std::string>> fields;
    Statement all(database_.get(), "SELECT name, value FROM about");
    while (all.step())
        fields.emplace_back(all.text(0), all.text(1));
    if (fields.empty()) return std::nullopt;
    SweepAbout about;
    if (!read_fields(fields, about)) fail("is no file of results of this program");
    return about;
}

void SweepFile::set_about(const SweepAbout& wanted) {
    SweepAbout now = wanted;
    if (const auto before = about()) {
        now = *before;
        now.seed_first = std::min(before->seed_first, wanted.seed_first);
        now.seed_last = std::max(before->seed_last, wanted.seed_last);
    }
    run("BEGIN IMMEDIATE");
    for (const auto& [name, value] : fields_of(now)) {
        Statement put(database_.get(), "INSERT OR REPLACE INTO about VALUES (?, ?)");
        put.bind(1, name).bind(2, value).step();
        if (!put.done()) fail(sqlite3_errmsg(database_.get()));
    }
    run("COMMIT");
}

std::vector<std::uint64_t> SweepFile::missing(std::uint64_t first, std::uint64_t last,
                                              const std::function<bool(std::uint64_t)>& takes) const {
    std::vector<std::uint64_t> seeds;
    std::uint64_t next = first;
    const auto up_to = [&](std::uint64_t end) {
        for (; next < end; ++next)
            if (takes(next - first)) seeds.push_back(next);
    };
    Statement known(database_.get(), "SELECT seed FROM results WHERE seed BETWEEN ? AND ? ORDER BY seed");
    known.bind(1, static_cast<std::int64_t>(first)).bind(2, static_cast<std::int64_t>(last));
    while (known.step()) {
        up_to(static_cast<std::uint64_t>(known.number(0)));
        ++next;
    }
    if (!known.done()) fail(sqlite3_errmsg(database_.get()));
    up_to(last + 1);
    return seeds;
}

std::optional<SweepRow> SweepFile::row(std::uint64_t seed) const {
    Statement one(database_.get(), "SELECT " + columns() + " FROM results WHERE seed = ?");
    one.bind(1, static_cast<std::int64_t>(seed));
    if (one.step()) return row_from(one);
    return std::nullopt;
}

void SweepFile::add(const SweepRow& row) {
    if (!in_transaction_) {
        run("BEGIN IMMEDIATE");
        in_transaction_ = true;
        begun_ = milliseconds();
    }
    std::string places = "?1, ?2";
    for (std::size_t i = 0; i < count_count + 2; ++i)
        places += ", ?" + std::to_string(i + 3);
    Statement put(database_.get(), "INSERT INTO results (" + columns() + ") VALUES (" + places + ")");
    put.bind(1, static_cast<std::int64_t>(row.seed)).bind(2, row.fingerprint);
    for (std::size_t i = 0; i < count_count; ++i)
        put.bind(static_cast<int>(i) + 3, row.counts[i]);
    put.bind(static_cast<int>(count_count) + 3, lines_of(row.violated));
    put.bind(static_cast<int>(count_count) + 4, lines_of(row.unmet));
    put.step();
    if (!put.done()) fail(sqlite3_errmsg(database_.get()));
    if (milliseconds() - begun_ >= 1000) commit();
}

void SweepFile::commit() {
    if (!in_transaction_) return;
    in_transaction_ = false;
    run("COMMIT");
}

void SweepFile::each(std::uint64_t first, std::uint64_t last,
                     const std::function<void(const SweepRow&)>& visit) const {
    Statement all(database_.get(),
                  "SELECT " + columns() + " FROM results WHERE seed BETWEEN ? AND ? ORDER BY seed");
    all.bind(1, static_cast<std::int64_t>(first)).bind(2, static_cast<std::int64_t>(last));
    while (all.step())
        visit(row_from(all));
    if (!all.done()) fail(sqlite3_errmsg(database_.get()));
}

void SweepFile::finish() {
    commit();
    if (path_.empty()) return;
    const std::string fresh = path_ + ".new";
    std::error_code error;
    std::filesystem::remove(fresh, error);
    run("PRAGMA schema_version = 1"); // a copy has the next one: the same however often it was copied
    Statement copy(database_.get(), "VACUUM INTO ?");
    copy.bind(1, fresh).step();
    if (!copy.done()) fail(sqlite3_errmsg(database_.get()));
    std::filesystem::rename(fresh, path_, error);
    if (error) fail("cannot be replaced: " + error.message());
}

} // namespace highwater
