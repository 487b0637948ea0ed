// The lines of kafka-verifiable-consumer.

#include "tools/highwater/verifiable/parts.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

using namespace kafka;

void Verifiable::take(sim::SimTime time, const fact::Delivered& given) {
    const std::string place = parts::place_of(configuration_, given.partition);
    for (std::int32_t i = 0; verbose_ && i < given.count; ++i)
        print(time, client_of(given.consumer), "record_data",
              fmt::format("{},{},\"offset\":{}", key_and_value(given.stream, given.first.value + i), place,
                          given.base_offset.value + i));
    std::vector<Taken>& taken = members_[static_cast<std::size_t>(given.consumer.value)].taken;
    const std::int64_t last = given.base_offset.value + given.count - 1;
    const auto same = std::find_if(taken.begin(), taken.end(),
                                   [&](const Taken& one) { return one.partition == given.partition; });
    if (same == taken.end())
        taken.push_back({given.partition, given.base_offset.value, last, given.count});
    else {
        same->last = last;
        same->count += given.count;
    }
}

/// Facts of one step that name one partition each become one line.
/// Leaves out: commits of auto-commit, which the tool does not print.
void Verifiable::on_member(sim::SimTime time, const Fact& fact) {
    const auto of = [&](ConsumerIndex consumer) -> MemberState& {
        return members_[static_cast<std::size_t>(consumer.value)];
    };
    const auto braced = [&](PartitionIndex partition) {
        return "{" + parts::place_of(configuration_, partition) + "}";
    };
    if (const auto* assigned = std::get_if<fact::PartitionAssigned>(&fact)) {
        of(assigned->consumer).assigned.push_back(braced(assigned->partition));
    } else if (const auto* revoked = std::get_if<fact::PartitionRevoked>(&fact)) {
        of(revoked->consumer).revoked.push_back(braced(revoked->partition));
    } else if (const auto* commit = std::get_if<fact::CommitAnswered>(&fact)) {
        if (commit->cause == CommitCause::automatic || commit->cause == CommitCause::on_close) return;
        MemberState& member = of(commit->consumer);
        member.committed.push_back(fmt::format("{{{},\"offset\":{}}}",
                                               parts::place_of(configuration_, commit->partition),
                                               commit->offset.value));
        if (commit->error != ErrorCode::none) member.commit_error = exception_name(commit->error);
    } else if (const auto* given = std::get_if<fact::Delivered>(&fact)) {
        take(time, *given);
    }
}

void Verifiable::flush(sim::SimTime time, std::size_t member) {
    MemberState& state = members_[member];
    const std::size_t client = producers_.size() + member;
    const auto partitions = [&](const char* name, std::vector<std::string>& list) {
        if (!list.empty()) print(time, client, name, "\"partitions\":" + parts::list_of(list));
        list.clear();
    };
    if (!state.committed.empty()) {
        const bool fine = state.commit_error.empty();
        print(time, client, "offsets_committed",
              "\"offsets\":" + parts::list_of(state.committed) +
                  (fine ? "" : ",\"error\":" + parts::quoted(state.commit_error)) +
                  ",\"success\":" + (fine ? "true" : "false"));
        state.committed.clear();
        state.commit_error.clear();
    }
    partitions("partitions_revoked", state.revoked);
    partitions("partitions_assigned", state.assigned);
    if (state.taken.empty()) return;
    std::int64_t count = 0;
    std::vector<std::string> summaries;
    for (const Taken& taken : state.taken) {
        count += taken.count;
        summaries.push_back(fmt::format("{{{},\"count\":{},\"minOffset\":{},\"maxOffset\":{}}}",
                                        parts::place_of(configuration_, taken.partition), taken.count,
                                        taken.first, taken.last));
    }
    state.taken.clear();
    print(time, client, "records_consumed",
          fmt::format("\"count\":{},\"partitions\":{}", count, parts::list_of(summaries)));
}

/// A process that was asked to end says so when it has; one that is killed says nothing.
void Verifiable::follow_process(std::size_t member, const World& world) {
    MemberState& state = members_[member];
    const ConsumerConfiguration& given = configuration_.consumers[member];
    const sim::ProcessId process =
        Addresses::consumer(configuration_, ConsumerIndex{static_cast<std::int32_t>(member)});
    const bool up = world.kernel.network.state(process) != sim::ProcessState::down;
    const sim::SimTime now = world.kernel.now;
    if (up && !state.runs && now > given.start) print(now, producers_.size() + member, "startup_complete");
    if (!up && state.runs && state.closes) print(now, producers_.size() + member, "shutdown_complete");
    state.runs = up;
    state.closes = up && world.readers[member].thread.stop_requested &&
                   given.application.shutdown == ShutdownStyle::close;
}

void Verifiable::after_step(const World& world) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
        flush(world.kernel.now, i);
        follow_process(i, world);
    }
}

} // namespace highwater
