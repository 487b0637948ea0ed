// Facts of groups, their members and transactions, read back.

#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

using namespace kafka;

std::optional<Fact> FactReader::of_coordinator(const std::string& kind) {
    if (kind == "CoordinatorLoaded")
        return fact::CoordinatorLoaded{broker("broker"), partition(), epoch("leader_epoch"),
                                       offset("log_end_offset")};
    if (kind == "CoordinatorResigned")
        return fact::CoordinatorResigned{broker("broker"), partition(), epoch("leader_epoch")};
    if (kind == "CoordinatorAppended") {
        fact::CoordinatorAppended f{
            broker("broker"), partition(), offset("base_offset"), number<std::int32_t>("count"), {}, {}};
        f.kind = text("kind") == "group" ? CoordinatorKind::group : CoordinatorKind::transaction;
        f.error = error();
        return f;
    }
    if (kind == "GroupChanged")
        return fact::GroupChanged{broker("broker"), group(), word<GroupState>("state", words::group_states),
                                  generation(), number<std::int32_t>("members")};
    if (kind == "MemberJoined")
        return fact::MemberJoined{broker("broker"), group(), consumer(), member(), generation()};
    if (kind == "MemberLeft")
        return fact::MemberLeft{broker("broker"), group(), consumer(), member(),
                                word<LeaveCause>("cause", words::leave_causes)};
    if (kind == "OffsetCommitted") {
        fact::OffsetCommitted f;
        f.broker = broker("broker");
        f.group = group();
        f.consumer = consumer();
        f.partition = partition();
        f.offset = offset("offset");
        f.record = offset("record");
        f.generation = generation();
        f.error = error();
        f.in_sync = set("in_sync");
        return f;
    }
    if (kind == "OffsetForgotten")
        return fact::OffsetForgotten{broker("broker"), group(), partition(), offset("offset"),
                                     word<ForgetCause>("cause", words::forget_causes)};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_member(const std::string& kind) {
    if (kind == "PartitionAssigned") return fact::PartitionAssigned{consumer(), partition(), generation()};
    if (kind == "PartitionRevoked")
        return fact::PartitionRevoked{consumer(), partition(), generation(), flag("lost")};
    if (kind == "CommitSent")
        return fact::CommitSent{consumer(), partition(), offset("offset"),
                                word<CommitCause>("cause", words::commit_causes)};
    if (kind == "CommitAnswered")
        return fact::CommitAnswered{consumer(), partition(), offset("offset"), error(),
                                    word<CommitCause>("cause", words::commit_causes)};
    if (kind == "Polled") return fact::Polled{consumer(), number<std::int32_t>("records")};
    const auto processing = [&](auto f) {
        f.consumer = consumer();
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        return f;
    };
    if (kind == "ResultSent") return processing(fact::ResultSent{});
    if (kind == "ProcessingBegan") return processing(fact::ProcessingBegan{});
    if (kind == "ProcessingEnded") {
        fact::ProcessingEnded f = processing(fact::ProcessingEnded{});
        f.outcome = word<ProcessingOutcome>("outcome", words::processing_outcomes);
        return f;
    }
    if (kind == "RecordForwarded") {
        fact::RecordForwarded f{consumer(), partition(), offset("offset"), {}, {}};
        records(f);
        return f;
    }
    if (kind == "ConsumerPaused") return fact::ConsumerPaused{consumer(), partition(), flag("paused")};
    if (kind == "ApplicationHalted")
        return fact::ApplicationHalted{
            consumer(), get("partition") == nullptr ? PartitionIndex{-1} : partition(), offset("offset")};
    if (kind == "StateWritten")
        return fact::StateWritten{consumer(), partition(), offset("from_offset"), offset("to_offset"),
                                  flag("refused")};
    if (kind == "ApplicationCrashed") return fact::ApplicationCrashed{consumer(), producer()};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_transaction(const std::string& kind) {
    if (kind == "TransactionBegun")
        return fact::TransactionBegun{producer(), producer_id(), number<std::int16_t>("producer_epoch")};
    if (kind == "TransactionPartitionAdded") {
        fact::TransactionPartitionAdded f;
        f.broker = broker("broker");
        f.transactional_id = transactional_id();
        f.partition = partition();
        return f;
    }
    if (kind == "TransactionChanged")
        return fact::TransactionChanged{broker("broker"), transactional_id(),
                                        word<TransactionState>("state", words::transaction_states),
                                        producer_id(), number<std::int16_t>("producer_epoch")};
    if (kind == "TransactionEnded")
        return fact::TransactionEnded{producer(), text("outcome") == "commit", error()};
    if (kind == "ProducerFenced") return fact::ProducerFenced{producer(), error()};
    if (kind == "MarkerWritten") {
        fact::MarkerWritten f;
        f.broker = broker("broker");
        f.partition = partition();
        f.offset = offset("offset");
        f.producer_id = producer_id();
        f.producer_epoch = number<std::int16_t>("producer_epoch");
        f.outcome = text("outcome") == "commit" ? ControlType::commit : ControlType::abort;
        f.coordinator_epoch = epoch("coordinator_epoch");
        return f;
    }
    if (kind == "LastStableOffsetMoved")
        return fact::LastStableOffsetMoved{broker("broker"), partition(), offset("last_stable_offset")};
    return std::nullopt;
}

} // namespace highwater
