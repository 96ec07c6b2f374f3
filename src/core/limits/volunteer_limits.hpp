// VolunteerLimits: whether somebody may be helped now, as the volunteer wished it: hours of the week, bytes of a day
// and of a month. It counts both from a record that outlives the program (HelpingRecord), and says when that is worth
// keeping.
//
// Bytes are those carried, both ways together, for all clients; a provider that charges for traffic counts each of them
// twice, as it comes in and goes out again.
// Outside the hours, or with an allowance used up, nobody new may come, and who is there has kLimitDrain to leave; an
// allowance that is overrun by kOverrunPercent ends everything at once. Errors: a record that cannot be read counts as
// one that is used up (lost_record()). Owner: who calls says both clocks each time, and looks again at deadline().
// Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/limits/civil_time.hpp"
#include "core/limits/helping_record.hpp"
#include "core/limits/week_hours.hpp"

namespace footbridge::core {

// PRX-T9: a client's session moves elsewhere within a second or two of being told; the rest is for the unlucky.
inline constexpr Seconds kLimitDrain{30};
// PRX-T10: a clock that is set, or a zone that changes its offset, is noticed by then.
inline constexpr Seconds kWeighAgain{60};
// PRX-T11, PRX-B4: what who is killed may lose of the record: so much time, and so many bytes or, if that is less, a
// hundredth of the smaller allowance.
inline constexpr Seconds kUnkeptTime{60};
inline constexpr std::uint64_t kUnkeptBytes = 16 * 1024 * 1024;
// PRX-B5: of an allowance.
inline constexpr unsigned kOverrunPercent = 1;

struct LimitSettings {
  WeekHours hours{};
  std::optional<std::uint64_t> bytes_per_day{};
  std::optional<std::uint64_t> bytes_per_month{};
};

// The last two are SetAside's.
enum class Pause : std::uint8_t { None, Hours, DayUsed, MonthUsed, Asked, Metered };
std::string_view name(Pause pause);

struct LimitVerdict {
  Pause pause = Pause::None;
  bool overrun = false;                 // those who are here have to go now
  std::optional<CivilTime> changes_at;  // as far as the calendar says; nullopt: not by itself
  friend bool operator==(const LimitVerdict&, const LimitVerdict&) = default;
};

class VolunteerLimits {
 public:
  // At any time.
  void set(LimitSettings settings) { settings_ = std::move(settings); }
  const LimitSettings& settings() const { return settings_; }
  // nullopt: there is none.
  std::optional<std::uint64_t> smaller_allowance() const;
  // What was kept, in place of what was counted here. False: it cannot be read.
  bool restore(CivilTime at, ByteView kept);

  void on_carried(CivilTime at, std::uint64_t up_bytes, std::uint64_t down_bytes);
  void on_helped(CivilTime at);
  LimitVerdict look(CivilTime at);
  // To look again, if nothing is carried before.
  static TimePoint deadline(TimePoint now, CivilTime at, const LimitVerdict& verdict);

  // What is to be kept, when it is worth it, or if it is the last that we hear; it is kept then, as far as we know.
  std::optional<Bytes> poll_kept(TimePoint now, bool last = false);
  // As of the last call with a CivilTime.
  const HelpingRecord& record() const { return record_; }

 private:
  void turn(CivilTime at);
  std::uint64_t most_unkept_bytes() const;

  LimitSettings settings_;
  HelpingRecord record_;
  bool unkept_ = false;  // something is new since it was kept
  std::uint64_t kept_bytes_ = 0;
  std::optional<TimePoint> kept_at_;
};

}  // namespace footbridge::core
