#include "models/group/sticky.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

namespace {

using Member = JoinGroupAnswer::Member;
constexpr std::size_t nobody = static_cast<std::size_t>(-1);

/// A partition with what the algorithm asks of it.
struct Piece {
    PartitionIndex partition;
    std::size_t topic = 0;   // position of its topic
    std::int32_t number = 0; // within it
    std::size_t owner = nobody;
    std::size_t reader = nobody; // the new one
    bool claimed_twice = false;  // by two members of one generation: nobody's
};

struct Sticky {
    std::span<const Member> members;
    std::span<const TopicPartitions> topics;
    std::vector<std::size_t> order; // of members by id
    std::vector<Piece> pieces;      // in order of topic and number
    Assignments result;

    bool subscribes(std::size_t member, std::size_t topic) const {
        const std::vector<TopicIndex>& wanted = members[member].subscription.topics;
        return std::find(wanted.begin(), wanted.end(), topics[topic].topic) != wanted.end();
    }
    void give(Piece& piece, std::size_t member) {
        piece.reader = member;
        result[member].push_back(piece.partition);
    }
};

Piece* piece_of(Sticky& sticky, PartitionIndex partition) {
    for (Piece& piece : sticky.pieces)
        if (piece.partition == partition) return &piece;
    return nullptr;
}

/// Of two that claim a partition the newer generation has it. Source: allSubscriptionsEqual.
void take_owners(Sticky& sticky) {
    for (const std::size_t member : sticky.order)
        for (const PartitionIndex partition : sticky.members[member].subscription.owned) {
            Piece* piece = piece_of(sticky, partition);
            if (piece == nullptr) continue;
            if (piece->owner == nobody) {
                piece->owner = member;
                continue;
            }
            const Generation mine = sticky.members[member].subscription.owned_generation;
            const Generation other = sticky.members[piece->owner].subscription.owned_generation;
            if (mine == other) piece->claimed_twice = true;
            if (mine >= other) piece->owner = member;
        }
    for (Piece& piece : sticky.pieces)
        if (piece.claimed_twice) piece.owner = nobody;
}

Sticky begin(std::span<const Member> members, std::span<const TopicPartitions> topics) {
    Sticky sticky{members, topics, {}, {}, Assignments(members.size())};
    for (std::size_t i = 0; i < members.size(); ++i)
        sticky.order.push_back(i);
    std::stable_sort(sticky.order.begin(), sticky.order.end(), [&](std::size_t left, std::size_t right) {
        return members[left].member < members[right].member;
    });
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const bool wanted = std::any_of(sticky.order.begin(), sticky.order.end(),
                                        [&](std::size_t member) { return sticky.subscribes(member, i); });
        for (std::int32_t n = 0; wanted && n < topics[i].count; ++n)
            sticky.pieces.push_back({next(topics[i].first, n), i, n, nobody, nobody, false});
    }
    take_owners(sticky);
    return sticky;
}

bool all_subscribe_alike(const Sticky& sticky) {
    for (std::size_t topic = 0; topic < sticky.topics.size(); ++topic)
        for (const std::size_t member : sticky.order)
            if (sticky.subscribes(member, topic) != sticky.subscribes(sticky.order.front(), topic))
                return false;
    return true;
}

/// What `member` owns, in order of number and then topic.
std::vector<Piece*> owned_by(Sticky& sticky, std::size_t member) {
    std::vector<Piece*> owned;
    for (Piece& piece : sticky.pieces)
        if (piece.owner == member && sticky.subscribes(member, piece.topic)) owned.push_back(&piece);
    std::stable_sort(owned.begin(), owned.end(),
                     [](const Piece* left, const Piece* right) { return left->number < right->number; });
    return owned;
}

/// Members that may get more. Source: ConstrainedAssignmentBuilder.
struct Quotas {
    std::size_t least = 0;
    std::size_t most = 0;
    std::size_t may_exceed = 0; // how many members get `most` where it is above `least`
    std::size_t exceed = 0;
    std::vector<std::size_t> below;    // have less than `least`
    std::vector<std::size_t> at_least; // have exactly `least` and may get one more
};

void keep_owned(Sticky& sticky, Quotas& quotas) {
    for (const std::size_t member : sticky.order) {
        const std::vector<Piece*> owned = owned_by(sticky, member);
        std::size_t kept = owned.size();
        if (owned.size() < quotas.least) {
            quotas.below.push_back(member);
        } else if (owned.size() >= quotas.most && quotas.exceed < quotas.may_exceed) {
            kept = quotas.most;
            if (++quotas.exceed == quotas.may_exceed) quotas.at_least.clear();
        } else {
            kept = quotas.least;
            if (quotas.exceed < quotas.may_exceed) quotas.at_least.push_back(member);
        }
        for (std::size_t i = 0; i < kept; ++i)
            sticky.give(*owned[i], member);
    }
}

/// The rest goes round those below the least quota, then to those who may have one more.
void deal_rest(Sticky& sticky, Quotas& quotas) {
    std::size_t turn = 0;
    std::size_t polled = 0;
    for (Piece& piece : sticky.pieces) {
        if (piece.reader != nobody) continue;
        if (quotas.below.empty()) {
            SIM_ASSERT(polled < quotas.at_least.size(), "quotas add up to all partitions");
            sticky.give(piece, quotas.at_least[polled++]);
            continue;
        }
        turn = turn < quotas.below.size() ? turn : 0;
        const std::size_t member = quotas.below[turn];
        sticky.give(piece, member);
        if (sticky.result[member].size() < quotas.least) {
            ++turn;
            continue;
        }
        quotas.below.erase(quotas.below.begin() + static_cast<std::ptrdiff_t>(turn));
        quotas.at_least.push_back(member);
    }
}

/// All subscribe to the same topics. Source: ConstrainedAssignmentBuilder (KAFKA-9987).
void constrained(Sticky& sticky) {
    const std::size_t count = sticky.members.size();
    Quotas quotas;
    quotas.least = sticky.pieces.size() / count;
    quotas.may_exceed = sticky.pieces.size() % count;
    quotas.most = quotas.least + (quotas.may_exceed > 0 ? 1 : 0);
    keep_owned(sticky, quotas);
    deal_rest(sticky, quotas);
}

/// The subscriber of `topic` with the fewest partitions.
std::size_t poorest(const Sticky& sticky, std::size_t topic) {
    std::size_t best = nobody;
    for (const std::size_t member : sticky.order) {
        if (!sticky.subscribes(member, topic)) continue;
        if (best == nobody || sticky.result[member].size() < sticky.result[best].size()) best = member;
    }
    return best;
}

/// Moves one partition to a member that has two less; false when there is none to move.
bool move_one(Sticky& sticky) {
    for (Piece& piece : sticky.pieces) {
        const std::size_t to = poorest(sticky, piece.topic);
        if (sticky.result[to].size() + 1 >= sticky.result[piece.reader].size()) continue;
        std::erase(sticky.result[piece.reader], piece.partition);
        sticky.give(piece, to);
        return true;
    }
    return false;
}

/// Members subscribe to different topics: a simple stand-in for GeneralAssignmentBuilder.
void general(Sticky& sticky) {
    for (Piece& piece : sticky.pieces)
        if (piece.owner != nobody && sticky.subscribes(piece.owner, piece.topic))
            sticky.give(piece, piece.owner);
    for (Piece& piece : sticky.pieces)
        if (piece.reader == nobody) sticky.give(piece, poorest(sticky, piece.topic));
    std::size_t moves = 0;
    while (move_one(sticky))
        SIM_ASSERT(++moves <= sticky.pieces.size() * sticky.members.size(), "each move evens out the counts");
}

} // namespace

Assignments sticky(std::span<const Member> members, std::span<const TopicPartitions> topics,
                   bool cooperative) {
    if (members.empty()) return {};
    Sticky one = begin(members, topics);
    if (all_subscribe_alike(one))
        constrained(one);
    else
        general(one);
    for (const Piece& piece : one.pieces) {
        const bool from_other = piece.owner != nobody && piece.owner != piece.reader;
        if (cooperative && (from_other || piece.claimed_twice))
            std::erase(one.result[piece.reader], piece.partition);
    }
    return one.result;
}

} // namespace kafka
