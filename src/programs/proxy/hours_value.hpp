// A stretch of the week as an option's value.
#pragma once

#include "core/limits/hours_text.hpp"
#include "ops/values.hpp"

namespace footbridge::ops {

template <>
struct ValueType<core::Hours> {
  static constexpr std::string_view kMeta = "HOURS", kWhat = "a stretch of the week, such as 'fri-sun 22:00-06:00'",
                                    kExample = "18:00-23:30";
  static Parsed<core::Hours> parse(std::string_view text) {
    if (const auto hours = core::parse_hours(text)) return *hours;
    return Complaint{"no stretch of the week"};
  }
  static std::string text(const core::Hours& hours) { return core::hours_text(hours); }
};

}  // namespace footbridge::ops
