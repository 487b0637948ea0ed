#pragma once
// One line of a written trace as a fact.

#include "tools/highwater/trace/census.hpp"
#include "tools/highwater/trace/read.hpp"
#include "tools/highwater/trace/words.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace highwater {

constexpr std::size_t most_trace_problems = 100;

/// Second pass: one object to one fact. A member that is missing or wrong is a problem, and the fact is
/// dropped.
struct FactReader {
    const TraceLine& object;
    Census& census;
    ReadTrace& trace;
    int line;
    bool fine = true;

    void wrong(const std::string& key, const std::string& expected) {
        fine = false;
        if (trace.problems.size() < most_trace_problems)
            trace.problems.push_back({line, "/" + key, "expected " + expected});
    }
    const TraceLine* get(const char* key) const {
        const auto found = object.find(key);
        return found == object.end() ? nullptr : &*found;
    }
    template <class Number> Number number(const char* key) {
        const TraceLine* value = get(key);
        constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<Number>::min());
        constexpr auto most = static_cast<std::int64_t>(std::numeric_limits<Number>::max());
        const bool whole =
            value != nullptr && value->is_number_integer() &&
            !(value->is_number_unsigned() && value->get<std::uint64_t>() > 9223372036854775807ULL);
        if (whole && value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most)
            return static_cast<Number>(value->get<std::int64_t>());
        wrong(key, "a whole number");
        return {};
    }
    kafka::Offset offset(const char* key) { return kafka::Offset{number<std::int64_t>(key)}; }
    kafka::Epoch epoch(const char* key) { return kafka::Epoch{number<std::int32_t>(key)}; }
    std::string text(const char* key) {
        const TraceLine* value = get(key);
        if (value != nullptr && value->is_string()) return value->get<std::string>();
        wrong(key, "text");
        return "";
    }
    bool flag(const char* key) {
        const TraceLine* value = get(key);
        if (value != nullptr && value->is_boolean()) return value->get<bool>();
        wrong(key, "true or false");
        return false;
    }
    kafka::BrokerSlot slot_of(std::int64_t id) const {
        const auto at = census.brokers.find(id);
        return at == census.brokers.end()
                   ? kafka::no_slot
                   : kafka::BrokerSlot{static_cast<std::int32_t>(std::distance(census.brokers.begin(), at))};
    }
    kafka::BrokerSlot broker(const char* key) {
        const TraceLine* value = get(key);
        if (value != nullptr && value->is_null()) return kafka::no_slot;
        if (value != nullptr && value->is_number_integer()) return slot_of(value->get<std::int64_t>());
        wrong(key, "a broker id or null");
        return kafka::no_slot;
    }
    kafka::BrokerSet set(const char* key) {
        kafka::BrokerSet all;
        const TraceLine* value = get(key);
        if (value == nullptr || !value->is_array()) {
            wrong(key, "a list of broker ids");
            return all;
        }
        std::int64_t last = -1;
        for (const TraceLine& id : *value) {
            const bool ascends = id.is_number_integer() && id.get<std::int64_t>() > last;
            if (!ascends) {
                wrong(key, "broker ids in ascending order");
                return all;
            }
            last = id.get<std::int64_t>();
            all.add(slot_of(last));
        }
        return all;
    }
    template <class Enum, std::size_t N> Enum word(const char* key, const std::array<const char*, N>& all) {
        const std::string given = text(key);
        for (std::size_t i = 0; i < N; ++i)
            if (given == all[i]) return static_cast<Enum>(i);
        if (fine) wrong(key, "a word of this version, got \"" + given + "\"");
        return {};
    }
    kafka::ErrorCode error() {
        const std::string given = text("error");
        for (int code = -1; code < 128; ++code)
            if (!kafka::name(static_cast<kafka::ErrorCode>(code)).empty() &&
                kafka::name(static_cast<kafka::ErrorCode>(code)) == given)
                return static_cast<kafka::ErrorCode>(code);
        if (fine) wrong("error", "an error of Kafka's, got \"" + given + "\"");
        return {};
    }
    kafka::PartitionIndex partition() {
        return kafka::PartitionIndex{census.partitions.place(text("partition"))};
    }
    kafka::ProducerIndex producer() { // a fact about a consumer names none
        const std::string given = text("producer");
        return kafka::ProducerIndex{given.empty() ? -1 : census.producers.place(given)};
    }
    kafka::ConsumerIndex consumer() {
        const std::string given = text("consumer");
        return kafka::ConsumerIndex{given.empty() ? -1 : census.consumers.place(given)};
    }
    kafka::GroupIndex group() { return kafka::GroupIndex{census.groups.place(text("group"))}; }
    kafka::TransactionalIdIndex transactional_id() {
        return kafka::TransactionalIdIndex{census.transactional_ids.place(text("transactional_id"))};
    }
    kafka::Generation generation() { return kafka::Generation{number<std::int32_t>("generation")}; }
    kafka::MemberId member() { return kafka::MemberId{number<decltype(kafka::MemberId::value)>("member")}; }
    kafka::ProducerId producer_id() { return kafka::ProducerId{number<std::int64_t>("producer_id")}; }
    std::int32_t fault() { return census.faults.place(text("fault")); }
    template <class F> void records(F& fact, const char* key = "records") {
        Records read;
        if (!take_apart(text(key), read)) return wrong(key, "records such as \"shop:17-20\"");
        fact.stream = kafka::StreamIndex{census.streams.at({read.producer, read.partition})};
        fact.first = kafka::Value{read.first};
        if constexpr (requires { fact.count; })
            fact.count = static_cast<std::int32_t>(read.last - read.first + 1);
    }
    kafka::Voter voter_of(std::int64_t id) {
        for (std::size_t i = 0; i < trace.names.controllers.size(); ++i)
            if (trace.names.controllers[i].id.value == id) return kafka::Voter{static_cast<std::int32_t>(i)};
        return kafka::no_voter;
    }
    kafka::Voter voter(const char* key) {
        return object.contains(key) && object[key].is_null() ? kafka::no_voter
                                                             : voter_of(number<std::int64_t>(key));
    }
    bool leads() { return text("role") == "leader"; }
    kafka::BrokerSlot target() {
        const std::string given = text("target");
        const auto brokers = static_cast<std::int32_t>(census.brokers.size());
        const auto voters =
            static_cast<std::int32_t>(std::max<std::size_t>(1, trace.names.controllers.size()));
        const auto producers = static_cast<std::int32_t>(census.producers.list.size());
        std::int64_t id = 0;
        if (given.empty()) return kafka::no_slot;
        if (given == "controller" || given == "zookeeper") return kafka::BrokerSlot{brokers};
        if (given.rfind("controller ", 0) == 0 && to_number(given.substr(11), id))
            return kafka::BrokerSlot{brokers + voter_of(id).value};
        if (given.rfind("broker ", 0) == 0 && to_number(given.substr(7), id)) return slot_of(id);
        if (given.rfind("producer ", 0) == 0)
            return kafka::BrokerSlot{brokers + voters + census.producers.place(given.substr(9))};
        if (given.rfind("consumer ", 0) == 0)
            return kafka::BrokerSlot{brokers + voters + producers + census.consumers.place(given.substr(9))};
        wrong("target", "a process");
        return kafka::no_slot;
    }
    kafka::SendFailure failure() {
        const std::string given = text("exception");
        for (int i = 0; i < kafka::send_failure_count; ++i)
            if (kafka::exception_name(static_cast<kafka::SendFailure>(i)) == given)
                return static_cast<kafka::SendFailure>(i);
        if (fine) wrong("exception", "an exception of Kafka's, got \"" + given + "\"");
        return {};
    }

    std::optional<kafka::Fact> of_client(const std::string& kind);
    std::optional<kafka::Fact> of_application(const std::string& kind);
    std::optional<kafka::Fact> of_quorum(const std::string& kind);
    std::optional<kafka::Fact> of_disk(const std::string& kind);
    std::optional<kafka::Fact> of_coordinator(const std::string& kind);
    std::optional<kafka::Fact> of_member(const std::string& kind);
    std::optional<kafka::Fact> of_transaction(const std::string& kind);
    std::optional<kafka::Fact> of_replica(const std::string& kind);
    std::optional<kafka::Fact> of_role(const std::string& kind);
    std::optional<kafka::Fact> of_control(const std::string& kind);
    std::optional<kafka::Fact> of_operation(const std::string& kind);
};

} // namespace highwater
