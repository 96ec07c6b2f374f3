#include "core/netstate/series.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

constexpr std::size_t steps_of(Seconds span, Seconds step) { return static_cast<std::size_t>(span / step); }
constexpr Seconds kHour{3'600};

}  // namespace

Series::Series(TimePoint now, UnixMillis wall)
    : start_(now),
      start_wall_(wall),
      fine_{kFineStep, steps_of(kHour, kFineStep), now},
      coarse_{kCoarseStep, steps_of(kHour * kMaxSeriesHours, kCoarseStep), now} {}

void Series::note(TimePoint now, const ShownTotals& totals, std::uint32_t came, std::uint32_t left) {
  on_time(now);
  totals_ = totals;
  for (auto* ring : {&fine_, &coarse_}) {
    ring->came += came;
    ring->left += left;
  }
}

void Series::on_time(TimePoint now) {
  close_steps(fine_, now);
  close_steps(coarse_, now);
}

// A machine that slept for long has as many steps of the same to write down as the ring has places, and no more.
void Series::close_steps(Ring& ring, TimePoint now) {
  const auto over = static_cast<std::size_t>(std::max<Duration>(now - ring.step_began, {}) / ring.step);
  for (auto i = over; i > 0; --i) {
    ring.step_began += ring.step;
    const SeriesStep row{totals_.all_nodes(),
                         totals_.people,
                         totals_.sessions,
                         totals_.bytes_per_second,
                         std::exchange(ring.came, 0),
                         std::exchange(ring.left, 0)};
    if (i > ring.most) continue;
    ring.rows.push_back(row);
    if (ring.rows.size() > ring.most) ring.rows.pop_front();
  }
}

TimePoint Series::deadline() const {
  return std::min(fine_.step_began + fine_.step, coarse_.step_began + coarse_.step);
}

SeriesRows Series::rows(unsigned hours) const {
  FB_ASSERT(hours >= 1 && hours <= kMaxSeriesHours);
  const auto& ring = hours == 1 ? fine_ : coarse_;
  const auto some = std::min(ring.rows.size(), steps_of(kHour * hours, ring.step));
  const auto began = ring.step_began - ring.step * static_cast<int>(some) - start_;
  const auto since_start = static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(began).count());
  return {ring.step,
          UnixMillis{count(start_wall_) + since_start},
          {ring.rows.end() - static_cast<std::ptrdiff_t>(some), ring.rows.end()}};
}

}  // namespace footbridge::core
