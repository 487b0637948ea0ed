// Facts of disks, read back.

#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

using namespace kafka;

std::optional<Fact> FactReader::of_disk(const std::string& kind) {
    if (kind == "LogDirectoryFailed")
        return fact::LogDirectoryFailed{broker("broker"), number<std::int32_t>("directory"),
                                        word<fact::DirectoryFailure>("cause", words::directory_failures),
                                        flag("halts")};
    if (kind == "MetadataDirectoryFailed")
        return fact::MetadataDirectoryFailed{
            voter("voter"), word<fact::DirectoryFailure>("cause", words::directory_failures)};
    if (kind == "LogStartMoved")
        return fact::LogStartMoved{broker("broker"),
                                   partition(),
                                   offset("from_offset"),
                                   offset("to_offset"),
                                   word<fact::LogStartCause>("cause", words::log_start_causes),
                                   leads()};
    if (kind == "LogsRecovered")
        return fact::LogsRecovered{broker("broker"), number<std::int64_t>("bytes"),
                                   sim::Duration{number<std::int64_t>("took_us")}};
    if (kind == "CorruptRecordFound") {
        fact::CorruptRecordFound f;
        f.broker = broker("broker");
        if (!text("consumer").empty()) f.consumer = consumer();
        f.partition = partition();
        f.base_offset = offset("base_offset");
        f.from = broker("leader");
        return f;
    }
    if (kind == "RecordsCompacted") {
        fact::RecordsCompacted f;
        f.broker = broker("broker");
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        f.cause = word<fact::CompactionCause>("cause", words::compaction_causes);
        return f;
    }
    if (kind == "LogCleaned")
        return fact::LogCleaned{broker("broker"),
                                partition(),
                                offset("from_offset"),
                                offset("to_offset"),
                                number<std::int64_t>("removed"),
                                number<std::int64_t>("bytes_before"),
                                number<std::int64_t>("bytes_after")};
    if (kind == "CleanerFailed")
        return fact::CleanerFailed{broker("broker"), partition(), offset("base_offset"), flag("thread_died")};
    if (kind == "RecordsExpired") {
        fact::RecordsExpired f;
        f.broker = broker("broker");
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        f.cause = word<fact::LogStartCause>("cause", words::log_start_causes);
        return f;
    }
    return std::nullopt;
}

} // namespace highwater
