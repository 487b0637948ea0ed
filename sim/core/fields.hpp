#pragma once
// The members of a plain struct, one after the other: what is written for all structs needs no list of each.

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace sim {

namespace fields_of {

template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;

/// Stands for a member of any type when members are counted. An optional takes it through its own
/// constructor; a conversion as well would be ambiguous.
struct Anything {
    template <class T>
    requires(!is_optional<T>) operator T() const;
};

template <class T, std::size_t... I> constexpr bool takes(std::index_sequence<I...>) {
    return requires { T{(static_cast<void>(I), Anything{})...}; };
}
template <class T, std::size_t N = 0> constexpr std::size_t count() {
    if constexpr (takes<T>(std::make_index_sequence<N + 1>{}))
        return count<T, N + 1>();
    else
        return N;
}

/// Structs of up to 16 members.
template <std::size_t n, class T, class All> constexpr void unpack_few(const T& value, All&& all) {
    if constexpr (n == 1) {
        const auto& [m1] = value;
        all(m1);
    } else if constexpr (n == 2) {
        const auto& [m1, m2] = value;
        all(m1, m2);
    } else if constexpr (n == 3) {
        const auto& [m1, m2, m3] = value;
        all(m1, m2, m3);
    } else if constexpr (n == 4) {
        const auto& [m1, m2, m3, m4] = value;
        all(m1, m2, m3, m4);
    } else if constexpr (n == 5) {
        const auto& [m1, m2, m3, m4, m5] = value;
        all(m1, m2, m3, m4, m5);
    } else if constexpr (n == 6) {
        const auto& [m1, m2, m3, m4, m5, m6] = value;
        all(m1, m2, m3, m4, m5, m6);
    } else if constexpr (n == 7) {
        const auto& [m1, m2, m3, m4, m5, m6, m7] = value;
        all(m1, m2, m3, m4, m5, m6, m7);
    } else if constexpr (n == 8) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8);
    } else if constexpr (n == 9) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9);
    } else if constexpr (n == 10) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10);
    } else if constexpr (n == 11) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11);
    } else if constexpr (n == 12) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12);
    } else if constexpr (n == 13) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13);
    } else if constexpr (n == 14) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14);
    } else if constexpr (n == 15) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15);
    } else if constexpr (n == 16) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16);
    }
}

/// Structs of 17 to 32 members.
template <std::size_t n, class T, class All> constexpr void unpack_many(const T& value, All&& all) {
    if constexpr (n == 17) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17);
    } else if constexpr (n == 18) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18);
    } else if constexpr (n == 19) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19] =
            value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19);
    } else if constexpr (n == 20) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20);
    } else if constexpr (n == 21) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21);
    } else if constexpr (n == 22) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22);
    } else if constexpr (n == 23) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23);
    } else if constexpr (n == 24) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24);
    } else if constexpr (n == 25) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25);
    } else if constexpr (n == 26) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26);
    } else if constexpr (n == 27) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27);
    } else if constexpr (n == 28) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28);
    } else if constexpr (n == 29) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29);
    } else if constexpr (n == 30) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30);
    } else if constexpr (n == 31) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30, m31);
    } else if constexpr (n == 32) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32);
    }
}

/// Structs of 33 to 36 members.
template <std::size_t n, class T, class All> constexpr void unpack_most(const T& value, All&& all) {
    if constexpr (n == 33) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33);
    } else if constexpr (n == 34) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34);
    } else if constexpr (n == 35) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35] = value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35);
    } else if constexpr (n == 36) {
        const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
                     m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36] =
            value;
        all(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
            m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36);
    }
}

} // namespace fields_of

/// How many members a struct has. Shape: an aggregate without base class and without C arrays.
template <class T> inline constexpr std::size_t field_count = fields_of::count<T>();

/// Calls `visit(member)` for each member in order of declaration. More than 36 members do not compile.
template <class T, class Visit> constexpr void for_each_field(const T& value, Visit&& visit) {
    constexpr std::size_t n = field_count<T>;
    static_assert(n <= 36, "more members than are spelled out above");
    const auto all = [&](const auto&... members) { (visit(members), ...); };
    if constexpr (n > 32)
        fields_of::unpack_most<n>(value, all);
    else if constexpr (n > 16)
        fields_of::unpack_many<n>(value, all);
    else if constexpr (n > 0)
        fields_of::unpack_few<n>(value, all);
    (void)value;
}

} // namespace sim
