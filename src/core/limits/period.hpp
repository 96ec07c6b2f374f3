// Period: the bytes of one day or one month. It begins anew when the calendar says a later one.
//
// A calendar that goes back gives nothing away: what was counted stays counted, until the later day comes after all
// (a machine without a clock of its own, which is told the time after it started) or the earlier one has gone by too
// (a clock that was once in the future). Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace footbridge::core {

struct Period {
  static constexpr std::uint32_t kNever = 0xffff'ffff;

  std::uint32_t number = 0;       // of the day or month
  std::uint32_t behind = kNever;  // the earlier one that the calendar went back to
  std::uint64_t bytes = 0;
  // What came before could not be read: so many parts of the whole were used, as far as we must fear.
  std::uint8_t lost_parts = 0;
  std::uint8_t parts = 1;

  // True: this is a new one.
  bool turn(std::uint32_t to) {
    if (to == number) behind = kNever;
    if (to < number && (behind == kNever || to <= behind)) behind = to;
    const bool over = to > number || (to < number && to > behind);
    if (over) *this = {.number = to};
    return over;
  }
  // Of an allowance of so many bytes.
  std::uint64_t used(std::uint64_t allowance) const {
    const auto whole = allowance / parts * lost_parts + allowance % parts * lost_parts / parts;
    return bytes > UINT64_MAX - whole ? UINT64_MAX : bytes + whole;
  }
  friend bool operator==(const Period&, const Period&) = default;
};

}  // namespace footbridge::core
