// Assignors against the examples of Kafka's own documentation and tests.

#include "models/group/assignors.hpp"

#include "tests/group/numbers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace kafka;

namespace {

/// Topics t0, t1, ... with so many partitions each.
std::vector<TopicPartitions> topics_of(std::initializer_list<std::int32_t> counts) {
    std::vector<TopicPartitions> topics;
    PartitionIndex first{0};
    for (const std::int32_t count : counts) {
        topics.push_back({TopicIndex{static_cast<std::int32_t>(topics.size())}, first, count});
        first = next(first, count);
    }
    return topics;
}

JoinGroupAnswer::Member member_of(std::int64_t id, std::initializer_list<std::int32_t> topics,
                                  std::vector<PartitionIndex> owned = {}, std::int32_t generation = 1) {
    JoinGroupAnswer::Member member;
    member.member = MemberId{id};
    for (const std::int32_t topic : topics)
        member.subscription.topics.push_back(TopicIndex{topic});
    member.subscription.owned = std::move(owned);
    member.subscription.owned_generation = Generation{generation};
    return member;
}

/// Partitions of `member` by index, sorted.
Numbers of(const SyncGroupContent& content, std::int64_t member) {
    Numbers numbers;
    for (const SyncGroupContent::Entry& entry : content.entries)
        if (entry.member == MemberId{member}) numbers.push_back(entry.partition.value);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

} // namespace

TEST_CASE("range: consecutive partitions of each topic, the first members get one more") {
    const std::vector<TopicPartitions> topics = topics_of({3, 3});
    const std::vector<JoinGroupAnswer::Member> members{member_of(1, {0, 1}), member_of(2, {0, 1})};
    const SyncGroupContent content = assign(AssignorKind::range, members, topics);
    CHECK(of(content, 1) == Numbers{0, 1, 3, 4});
    CHECK(of(content, 2) == Numbers{2, 5});
}

TEST_CASE("range: static members come first, by instance") {
    const std::vector<TopicPartitions> topics = topics_of({3});
    std::vector<JoinGroupAnswer::Member> members{member_of(1, {0}), member_of(2, {0}), member_of(3, {0})};
    members[2].instance = InstanceIndex{0};
    members[1].instance = InstanceIndex{1};
    const SyncGroupContent content = assign(AssignorKind::range, members, topics);
    CHECK(of(content, 3) == Numbers{0});
    CHECK(of(content, 2) == Numbers{1});
    CHECK(of(content, 1) == Numbers{2});
}

TEST_CASE("round robin: all partitions in a circle") {
    const std::vector<TopicPartitions> topics = topics_of({3, 3});
    const std::vector<JoinGroupAnswer::Member> members{member_of(1, {0, 1}), member_of(2, {0, 1})};
    const SyncGroupContent content = assign(AssignorKind::round_robin, members, topics);
    CHECK(of(content, 1) == Numbers{0, 2, 4});
    CHECK(of(content, 2) == Numbers{1, 3, 5});
}

TEST_CASE("round robin: who does not subscribe is passed over") {
    const std::vector<TopicPartitions> topics = topics_of({1, 2, 3});
    const std::vector<JoinGroupAnswer::Member> members{member_of(1, {0}), member_of(2, {0, 1}),
                                                       member_of(3, {0, 1, 2})};
    const SyncGroupContent content = assign(AssignorKind::round_robin, members, topics);
    CHECK(of(content, 1) == Numbers{0});
    CHECK(of(content, 2) == Numbers{1});
    CHECK(of(content, 3) == Numbers{2, 3, 4, 5});
}

TEST_CASE("sticky: who leaves is replaced, and nobody loses what it had") {
    const std::vector<TopicPartitions> topics = topics_of({2, 2, 2, 2});
    std::vector<JoinGroupAnswer::Member> members{member_of(1, {0, 1, 2, 3}), member_of(2, {0, 1, 2, 3}),
                                                 member_of(3, {0, 1, 2, 3})};
    const SyncGroupContent before = assign(AssignorKind::sticky, members, topics);
    CHECK(of(before, 1) == Numbers{0, 3, 6}); // t0p0, t1p1, t3p0
    CHECK(of(before, 2) == Numbers{1, 4, 7});
    CHECK(of(before, 3) == Numbers{2, 5});
    members = {member_of(1, {0, 1, 2, 3}, partitions({0, 3, 6})),
               member_of(3, {0, 1, 2, 3}, partitions({2, 5}))};
    const SyncGroupContent after = assign(AssignorKind::sticky, members, topics);
    CHECK(of(after, 1) == Numbers{0, 1, 3, 6});
    CHECK(of(after, 3) == Numbers{2, 4, 5, 7});
}

TEST_CASE("sticky: a newcomer takes what is above the quota; cooperatively only once it is given up") {
    const std::vector<TopicPartitions> topics = topics_of({3});
    const std::vector<JoinGroupAnswer::Member> members{member_of(1, {0}, partitions({0, 1, 2})),
                                                       member_of(2, {0})};
    const SyncGroupContent eager = assign(AssignorKind::sticky, members, topics);
    CHECK(of(eager, 1) == Numbers{0, 1});
    CHECK(of(eager, 2) == Numbers{2});
    const SyncGroupContent first = assign(AssignorKind::cooperative_sticky, members, topics);
    CHECK(of(first, 1) == Numbers{0, 1});
    CHECK(of(first, 2).empty()); // partition 2 must be revoked first
    const std::vector<JoinGroupAnswer::Member> again{member_of(1, {0}, partitions({0, 1}), 2),
                                                     member_of(2, {0}, {}, 2)};
    CHECK(of(assign(AssignorKind::cooperative_sticky, again, topics), 2) == Numbers{2});
}

TEST_CASE("sticky: of two that claim a partition the newer generation keeps it, of equals neither") {
    const std::vector<TopicPartitions> topics = topics_of({3});
    std::vector<JoinGroupAnswer::Member> members{member_of(1, {0}, partitions({0, 1}), 1),
                                                 member_of(2, {0}, partitions({0, 2}), 2)};
    SyncGroupContent content = assign(AssignorKind::sticky, members, topics);
    CHECK(of(content, 1) == Numbers{1});
    CHECK(of(content, 2) == Numbers{0, 2});
    members[0].subscription.owned_generation = Generation{2};
    content = assign(AssignorKind::cooperative_sticky, members, topics);
    CHECK(of(content, 1) == Numbers{1});
    CHECK(of(content, 2) == Numbers{2}); // partition 0 is with nobody until both gave it up
}

TEST_CASE("sticky: more members than partitions, and members of different topics") {
    const std::vector<JoinGroupAnswer::Member> three{member_of(1, {0}), member_of(2, {0}), member_of(3, {0})};
    const SyncGroupContent scarce = assign(AssignorKind::sticky, three, topics_of({2}));
    CHECK(of(scarce, 1) == Numbers{0});
    CHECK(of(scarce, 2) == Numbers{1});
    CHECK(of(scarce, 3).empty());
    const std::vector<JoinGroupAnswer::Member> mixed{member_of(1, {0}), member_of(2, {0, 1}),
                                                     member_of(3, {0, 1, 2})};
    const SyncGroupContent content = assign(AssignorKind::sticky, mixed, topics_of({1, 2, 3}));
    CHECK(of(content, 1) == Numbers{0});
    CHECK(of(content, 2) == Numbers{1, 2});
    CHECK(of(content, 3) == Numbers{3, 4, 5});
}

TEST_CASE("sticky: whoever comes and goes, all is assigned once, evenly, and only the surplus moves") {
    std::uint64_t draw = 1;
    const auto below = [&](std::uint64_t bound) {
        draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
        return (draw >> 33) % bound;
    };
    for (int round = 0; round < 200; ++round) {
        const auto count = static_cast<std::int32_t>(below(20) + 1);
        const std::vector<TopicPartitions> topics = topics_of({count, 3});
        std::vector<JoinGroupAnswer::Member> members;
        for (std::int64_t id = 0; id < static_cast<std::int64_t>(below(6) + 1); ++id)
            members.push_back(member_of(id, {0, 1}));
        for (int step = 0; step < 5; ++step) {
            const SyncGroupContent content = assign(AssignorKind::sticky, members, topics);
            std::set<PartitionIndex> seen;
            for (const SyncGroupContent::Entry& entry : content.entries)
                seen.insert(entry.partition);
            CHECK(seen.size() == content.entries.size());
            CHECK(content.entries.size() == static_cast<std::size_t>(count) + 3);
            const std::size_t least = content.entries.size() / members.size();
            for (JoinGroupAnswer::Member& member : members) {
                const Numbers mine = of(content, member.member.value);
                CHECK(mine.size() >= least);
                CHECK(mine.size() <= least + 1);
                const std::vector<PartitionIndex> before = member.subscription.owned;
                const auto kept = static_cast<std::size_t>(
                    std::count_if(before.begin(), before.end(), [&](PartitionIndex partition) {
                        return std::find(mine.begin(), mine.end(), partition.value) != mine.end();
                    }));
                CHECK(kept >= std::min(before.size(), least));
                member.subscription.owned = partitions(mine);
            }
            if (below(2) == 0 && members.size() > 1)
                members.erase(members.begin() + static_cast<std::ptrdiff_t>(below(members.size())));
            else
                members.push_back(member_of(100 * (round + 1) + step, {0, 1}));
        }
    }
}
