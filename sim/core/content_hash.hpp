#pragma once
// Adds whole values to a hash, member by member, so that no member can be forgotten.

#include "sim/core/fields.hpp"
#include "sim/core/hash.hpp"
#include "sim/core/strong.hpp"

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sim {

/// Walks a value down to its integers. Shape: integers, enums, strings, Strong, pairs, optionals, variants,
/// vectors, deques and arrays of such, classes with `for_each_part(visit)`, and plain structs of all these.
/// A type of its own says how it is added with `void add_content(ContentHash&, const T&)` beside it.
class ContentHash {
  public:
    Digest digest() const { return hash_.digest(); }

    template <class T> void add(const T& value) {
        if constexpr (requires(ContentHash & self) { add_content(self, value); })
            add_content(*this, value);
        else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
            hash_.add(value);
        else if constexpr (requires { value.for_each_part([](const auto&) {}); })
            value.for_each_part([this](const auto& part) { this->add(part); });
        else
            add_known(value);
    }

  private:
    Hash hash_;

    void add_known(const std::string& text) {
        hash_.add(text.size());
        hash_.add_bytes(text.data(), text.size());
    }
    template <class Tag, class Rep> void add_known(Strong<Tag, Rep> number) { hash_.add(number.value); }
    template <class T> void add_known(const std::vector<T>& items) { add_items(items); }
    template <class T> void add_known(const std::deque<T>& items) { add_items(items); }
    template <class T, std::size_t N> void add_known(const std::array<T, N>& items) { add_items(items); }
    template <class A, class B> void add_known(const std::pair<A, B>& both) {
        add(both.first);
        add(both.second);
    }
    template <class T> void add_known(const std::optional<T>& maybe) {
        hash_.add(maybe.has_value());
        if (maybe) add(*maybe);
    }
    template <class... T> void add_known(const std::variant<T...>& one) {
        hash_.add(one.index());
        std::visit([this](const auto& content) { this->add(content); }, one);
    }
    void add_known(std::monostate) {}
    template <class T> void add_known(const T& plain) {
        static_assert(std::is_aggregate_v<T>, "a type that this hash knows nothing of");
        for_each_field(plain, [this](const auto& member) { this->add(member); });
    }
    template <class Items> void add_items(const Items& items) {
        hash_.add(items.size());
        for (const auto& item : items)
            add(item);
    }
};

} // namespace sim
