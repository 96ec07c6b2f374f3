// HelpSummary: what a volunteer's help came to, hour by hour, for the one line that people look at. From the totals
// that somebody else counts; an hour in which the program was suspended is as long as it was. Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace footbridge::core {

// PRX-T13: often enough to see that it helps, seldom enough that the log of a month can be read.
inline constexpr Seconds kSummaryEvery{3'600};

// To the nearest: exact bytes of an hour or a day might be compared with somebody's.
constexpr std::uint64_t to_mib(std::uint64_t bytes) {
  constexpr std::uint64_t kMib = 1024 * 1024;
  return bytes / kMib + (bytes % kMib >= kMib / 2 ? 1 : 0);
}

class HelpSummary {
 public:
  struct Totals {  // since the program began
    std::uint64_t people = 0;
    std::uint64_t up_bytes = 0;
    std::uint64_t down_bytes = 0;
  };
  struct Hour {
    std::uint64_t people = 0;  // who came in it, each once
    std::uint64_t up_mib = 0;
    std::uint64_t down_mib = 0;
  };

  explicit HelpSummary(TimePoint begin) : due_(begin + kSummaryEvery) {}

  TimePoint deadline() const { return due_; }
  // nullopt: not yet.
  std::optional<Hour> poll(TimePoint now, const Totals& totals);

 private:
  TimePoint due_;
  Totals before_;
};

}  // namespace footbridge::core
