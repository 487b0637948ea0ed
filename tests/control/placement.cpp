#include "models/control/placement.hpp"

#include "sim/choices/choices.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace kafka;

namespace {

DrawBelow drawing(sim::Choices& choices) {
    return [&choices](std::uint64_t bound) { return sim::below(choices.next_bits(99, 0), bound); };
}

std::vector<int> slots_of(const Assignment& assignment) {
    std::vector<int> slots;
    for (const BrokerSlot slot : assignment)
        slots.push_back(slot.value);
    return slots;
}

} // namespace

TEST_CASE("placement: without racks and draws partitions are striped over the brokers") {
    const auto placed = place_replicas({"", "", ""}, 4, 3);
    CHECK(slots_of(placed[0]) == std::vector<int>{0, 1, 2});
    CHECK(slots_of(placed[1]) == std::vector<int>{1, 2, 0});
    CHECK(slots_of(placed[2]) == std::vector<int>{2, 0, 1});
    CHECK(slots_of(placed[3]) == std::vector<int>{0, 1, 2});
}

TEST_CASE("placement: the example of three racks with three brokers each") {
    const auto placed = place_replicas({"a", "a", "a", "b", "b", "b", "c", "c", "c"}, 3, 3);
    CHECK(slots_of(placed[0]) == std::vector<int>{0, 3, 6}); // A0 B0 C0
    CHECK(slots_of(placed[1]) == std::vector<int>{4, 7, 1}); // B1 C1 A1
    CHECK(slots_of(placed[2]) == std::vector<int>{8, 2, 5}); // C2 A2 B2
}

TEST_CASE("placement: over many seeds each partition has distinct brokers on as many racks as there are") {
    const std::vector<std::vector<std::string>> clusters = {{"a", "b", "c"},
                                                            {"b", "a", "c", "a", "b", "c"},
                                                            {"a", "a", "a", "b", "b"},
                                                            {"", "", "", "", ""},
                                                            {"a", "", "a"},
                                                            {"a"},
                                                            {"a", "a", "a", "a", "b"}};
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        sim::Choices choices;
        choices.key = seed;
        for (const auto& racks : clusters) {
            const std::set<std::string> names(racks.begin(), racks.end());
            for (int factor = 1; factor <= static_cast<int>(racks.size()); ++factor) {
                for (const Assignment& assignment : place_replicas(racks, 13, factor, drawing(choices))) {
                    std::set<std::string> used;
                    for (const BrokerSlot slot : assignment)
                        used.insert(racks[static_cast<std::size_t>(slot.value)]);
                    CHECK(assignment.count == factor);
                    CHECK(assignment.set().size() == factor);
                    CHECK(used.size() == std::min(names.size(), static_cast<std::size_t>(factor)));
                }
            }
        }
    }
}

TEST_CASE("placement: leaders are spread evenly over equal racks") {
    sim::Choices choices;
    std::vector<int> led(6, 0);
    for (const Assignment& assignment :
         place_replicas({"a", "a", "b", "b", "c", "c"}, 60, 3, drawing(choices)))
        led[static_cast<std::size_t>(assignment.slots[0].value)] += 1;
    CHECK(*std::min_element(led.begin(), led.end()) >= 5);
    CHECK(*std::max_element(led.begin(), led.end()) <= 15);
}
