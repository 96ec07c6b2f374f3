#include "core/limits/volunteer_limits.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

struct Reached {
  bool used_up = false;
  bool overrun = false;
};

Reached reached(const Period& period, std::optional<std::uint64_t> allowance) {
  if (!allowance) return {};
  const auto used = period.used(*allowance);
  return {used >= *allowance, used > *allowance && used - *allowance >= *allowance / 100 * kOverrunPercent};
}

}  // namespace

std::string_view name(Pause pause) {
  switch (pause) {
    case Pause::None: return "none";
    case Pause::Hours: return "hours";
    case Pause::DayUsed: return "day-used";
    case Pause::MonthUsed: return "month-used";
    case Pause::Asked: return "asked";
    case Pause::Metered: return "metered";
  }
  FB_ASSERT(false);
}

bool VolunteerLimits::restore(CivilTime at, ByteView kept) {
  const auto parsed = parse_record(kept);
  record_ = parsed ? *parsed : lost_record(at);
  unkept_ = !parsed;
  kept_bytes_ = record_.up + record_.down;
  turn(at);
  return parsed.has_value();
}

// That a calendar went back has to outlive the program, too: the earlier day is over only for who remembers that it was
// seen. That a later one has begun everybody sees for himself.
void VolunteerLimits::turn(CivilTime at) {
  const auto day = record_.day.behind;
  const auto month = record_.month.behind;
  record_.turn(at);
  unkept_ = unkept_ || record_.day.behind != day || record_.month.behind != month;
}

void VolunteerLimits::on_carried(CivilTime at, std::uint64_t up_bytes, std::uint64_t down_bytes) {
  turn(at);
  record_.add(up_bytes, down_bytes);
  unkept_ = unkept_ || up_bytes + down_bytes > 0;
}

void VolunteerLimits::on_helped(CivilTime at) {
  turn(at);
  ++record_.helped_today;
  ++record_.helped;
  unkept_ = true;
}

LimitVerdict VolunteerLimits::look(CivilTime at) {
  turn(at);
  const auto day = reached(record_.day, settings_.bytes_per_day);
  const auto month = reached(record_.month, settings_.bytes_per_month);
  // The first moment at or after `from` that is within the hours.
  const auto open_from = [&](CivilTime from) {
    return settings_.hours.open(from) ? from : settings_.hours.next_change(from);
  };
  if (month.used_up) return {Pause::MonthUsed, month.overrun || day.overrun, open_from(next_month(at))};
  if (day.used_up) return {Pause::DayUsed, day.overrun, open_from(next_midnight(at))};
  const auto next = settings_.hours.next_change(at);
  return {settings_.hours.open(at) ? Pause::None : Pause::Hours, false, next};
}

TimePoint VolunteerLimits::deadline(TimePoint now, CivilTime at, const LimitVerdict& verdict) {
  if (!verdict.changes_at) return now + kWeighAgain;
  return now + std::clamp(Seconds(verdict.changes_at->seconds - at.seconds), Seconds(1), kWeighAgain);
}

std::optional<Bytes> VolunteerLimits::poll_kept(TimePoint now, bool last) {
  const auto total = record_.up + record_.down;
  const bool soon = kept_at_ && now - *kept_at_ < kUnkeptTime && total - kept_bytes_ < most_unkept_bytes();
  if (!unkept_ || (soon && !last)) return std::nullopt;
  unkept_ = false;
  kept_bytes_ = total;
  kept_at_ = now;
  return encode_record(record_);
}

std::optional<std::uint64_t> VolunteerLimits::smaller_allowance() const {
  if (!settings_.bytes_per_day || !settings_.bytes_per_month)
    return settings_.bytes_per_day ? settings_.bytes_per_day : settings_.bytes_per_month;
  return std::min(*settings_.bytes_per_day, *settings_.bytes_per_month);
}

std::uint64_t VolunteerLimits::most_unkept_bytes() const {
  const auto smaller = smaller_allowance();
  return std::max<std::uint64_t>(smaller ? std::min(kUnkeptBytes, *smaller / 100) : kUnkeptBytes, 1);
}

}  // namespace footbridge::core
