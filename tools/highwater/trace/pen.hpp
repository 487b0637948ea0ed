#pragma once
// How the members of a fact are written as JSON.

#include "tools/highwater/names.hpp"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace highwater {

/// Writes members of a line.
struct Pen {
    const kafka::Configuration& configuration;
    std::string& out;

    // Appended by hand: a trace has a line for each fact, and fmt reads its pattern anew each time.
    void key(const char* name) {
        out += ",\"";
        out += name;
        out += "\":";
    }
    void digits(std::int64_t value) {
        std::array<char, 20> text;
        out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
    }
    void name(const char* fact) {
        out += "\"fact\":\"";
        out += fact;
        out += '"';
    }
    void broker(const char* name, kafka::BrokerSlot slot) {
        key(name);
        if (slot == kafka::no_slot)
            out += "null";
        else
            digits(broker_id(configuration, slot));
    }
    void set(const char* name, kafka::BrokerSet set) {
        key(name);
        out += '[';
        for (kafka::BrokerSlot slot = set.first(); slot != kafka::no_slot; slot = set.after(slot)) {
            if (slot != set.first()) out += ',';
            digits(broker_id(configuration, slot));
        }
        out += ']';
    }
    void voter(const char* name, kafka::Voter index) {
        key(name);
        if (index == kafka::no_voter)
            out += "null";
        else
            digits(configuration.controllers[static_cast<std::size_t>(index.value)].id.value);
    }
    void about(const char* fact, kafka::Voter index) {
        name(fact);
        voter("voter", index);
    }
    void partition(kafka::PartitionIndex index) { text("partition", configuration.partition(index).name); }
    void records(kafka::StreamIndex stream, kafka::Value first, std::int32_t count) {
        key("records");
        out += '"';
        out += record_name(configuration, stream, first.value);
        if (count != 1) {
            out += '-';
            digits(first.value + count - 1);
        }
        out += '"';
    }
    void number(const char* name, std::int64_t value) {
        key(name);
        digits(value);
    }
    void flag(const char* name, bool value) {
        key(name);
        out += value ? "true" : "false";
    }
    void text(const char* name, std::string_view value) {
        key(name);
        out += '"';
        out += value;
        out += '"';
    }
};

} // namespace highwater
