// Series: how many there were, over a day. The last hour in steps of kFineStep, the day in steps of kCoarseStep, both
// from the same numbers at the same time: a step of either has the totals of its end, and all who came and left in it.
// What viewers cannot see now, the series does not have either: it is made of what was shown. Bounds: two rings of
// fixed length. Not thread-safe: one owner.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/time.hpp"
#include "core/netstate/view.hpp"

namespace footbridge::core {

// NTS-T12, NTS-T13, NTS-B23.
inline constexpr Seconds kFineStep{10};
inline constexpr Seconds kCoarseStep{300};
inline constexpr unsigned kMaxSeriesHours = 24;

struct SeriesStep {
  std::uint32_t nodes = 0;
  ShownNumber people;
  ShownNumber sessions;
  ShownNumber bytes_per_second;
  std::uint32_t came = 0;
  std::uint32_t left = 0;
};

struct SeriesRows {
  Seconds step{0};
  UnixMillis from{};  // when the first began
  std::vector<SeriesStep> rows;
};

class Series {
 public:
  Series(TimePoint now, UnixMillis wall);

  // What is shown from now on, and how many nodes came and left with it.
  void note(TimePoint now, const ShownTotals& totals, std::uint32_t came, std::uint32_t left);
  // Steps that are over are written down.
  void on_time(TimePoint now);
  TimePoint deadline() const;
  // One hour in fine steps, more in coarse ones; fewer rows than that right after the start. 1 to kMaxSeriesHours.
  SeriesRows rows(unsigned hours) const;

 private:
  struct Ring {
    Seconds step;
    std::size_t most;
    TimePoint step_began{};
    std::uint32_t came = 0;
    std::uint32_t left = 0;
    std::deque<SeriesStep> rows{};
  };
  void close_steps(Ring& ring, TimePoint now);

  TimePoint start_;
  UnixMillis start_wall_;
  ShownTotals totals_;
  Ring fine_;
  Ring coarse_;
};

}  // namespace footbridge::core
