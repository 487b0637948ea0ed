#pragma once
// How figures over many seeds are written in tables.

#include "tools/highwater/study/intervals.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace highwater {

std::string paint(bool on, const char* code, const std::string& text);
/// Two places below one, one below a hundred, none above: a rate says no more than it knows.
std::string rate_text(double rate);
std::string bytes_text(double bytes);
std::string length_text(double micros);
/// "-" below zero: nothing was measured.
std::string latency_text(std::int64_t micros);
/// Never "safe": none of N is a bound, and so is all of N. Bounds are rounded outwards.
std::string proportion_text(std::int64_t count, std::int64_t of);
/// With another interval than Clopper-Pearson's at 95 %.
std::string proportion_text(std::int64_t count, std::int64_t of, const Interval& interval);
/// "0.37 %" of 0.0037.
std::string percent_text(double share);

using Row = std::vector<std::string>;
/// Columns as wide as their widest cell; the first two left, the others right. The first row is the head.
std::string aligned(const std::vector<Row>& rows, bool colour);

} // namespace highwater
