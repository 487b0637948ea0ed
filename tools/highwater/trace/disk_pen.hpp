#pragma once
// How facts of disks are written.

#include "tools/highwater/trace/pen.hpp"
#include "tools/highwater/trace/words.hpp"

namespace highwater {

struct DiskPen : Pen {
    void operator()(const kafka::fact::LogDirectoryFailed& f) {
        name("LogDirectoryFailed");
        broker("broker", f.broker);
        number("directory", f.directory);
        text("cause", words::directory_failures[static_cast<std::size_t>(f.cause)]);
        flag("halts", f.halts);
    }
    void operator()(const kafka::fact::MetadataDirectoryFailed& f) {
        about("MetadataDirectoryFailed", f.voter);
        text("cause", words::directory_failures[static_cast<std::size_t>(f.cause)]);
    }
    void operator()(const kafka::fact::LogStartMoved& f) {
        name("LogStartMoved");
        broker("broker", f.broker);
        partition(f.partition);
        number("from_offset", f.from.value);
        number("to_offset", f.to.value);
        text("cause", words::log_start_causes[static_cast<std::size_t>(f.cause)]);
        text("role", f.as_leader ? "leader" : "follower");
    }
    void operator()(const kafka::fact::LogsRecovered& f) {
        name("LogsRecovered");
        broker("broker", f.broker);
        number("bytes", f.bytes);
        number("took_us", f.took.micros);
    }
    void operator()(const kafka::fact::CorruptRecordFound& f) {
        name("CorruptRecordFound");
        broker("broker", f.broker);
        text("consumer", f.consumer.value < 0 ? "" : configuration.consumer(f.consumer).name);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        broker("leader", f.from);
    }
    void operator()(const kafka::fact::RecordsCompacted& f) {
        name("RecordsCompacted");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        text("cause", words::compaction_causes[static_cast<std::size_t>(f.cause)]);
    }
    void operator()(const kafka::fact::LogCleaned& f) {
        name("LogCleaned");
        broker("broker", f.broker);
        partition(f.partition);
        number("from_offset", f.from.value);
        number("to_offset", f.to.value);
        number("removed", f.records);
        number("bytes_before", f.bytes_before);
        number("bytes_after", f.bytes_after);
    }
    void operator()(const kafka::fact::CleanerFailed& f) {
        name("CleanerFailed");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        flag("thread_died", f.thread_died);
    }
    void operator()(const kafka::fact::RecordsExpired& f) {
        name("RecordsExpired");
        broker("broker", f.broker);
        partition(f.partition);
        number("base_offset", f.base_offset.value);
        records(f.stream, f.first, f.count);
        text("cause", words::log_start_causes[static_cast<std::size_t>(f.cause)]);
    }
};

} // namespace highwater
