#include "core/limits/hours_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace footbridge::core {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::uint8_t kEveryDay = 127;

std::optional<std::size_t> day_number(std::string_view text) {
  const auto found = std::find(kDays.begin(), kDays.end(), text);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

// "mon", or "fri-mon", which goes over the end of the week.
std::optional<std::uint8_t> some_days(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = day_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : day_number(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  unsigned out = 0;
  for (auto day = *first;; day = (day + 1) % kDays.size()) {
    out |= 1U << day;
    if (day == *last) return static_cast<std::uint8_t>(out);
  }
}

std::optional<std::uint8_t> all_days(std::string_view text) {
  std::uint8_t out = 0;
  for (;;) {
    const auto comma = text.find(',');
    const auto days = some_days(text.substr(0, comma));
    if (!days) return std::nullopt;
    out |= *days;
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::optional<unsigned> two_digits(std::string_view text) {
  unsigned value = 0;
  if (text.size() != 2 || text[0] < '0' || text[0] > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "08:30"; "24:00" is the end of the day.
std::optional<std::uint16_t> minutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2)), minute = two_digits(text.substr(3));
  if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > kDayMinutes) return std::nullopt;
  return static_cast<std::uint16_t>(*hour * 60 + *minute);
}

std::string clock_text(std::int64_t minute) {
  const auto two = [](std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return two(minute / 60) + ':' + two(minute % 60);
}

}  // namespace

std::optional<Hours> parse_hours(std::string_view text) {
  const auto space = text.find(' ');
  const auto days = space == std::string_view::npos ? std::optional(kEveryDay) : all_days(text.substr(0, space));
  if (space != std::string_view::npos) text.remove_prefix(space + 1);
  const auto dash = text.find('-');
  if (!days || dash == std::string_view::npos) return std::nullopt;
  const auto from = minutes(text.substr(0, dash)), until = minutes(text.substr(dash + 1));
  if (!from || !until) return std::nullopt;
  const Hours out{*days, *from, *until};
  return is_stretch(out) ? std::optional(out) : std::nullopt;
}

std::string hours_text(const Hours& hours) {
  std::string out;
  if (hours.days != kEveryDay)
    for (std::size_t day = 0; day < kDays.size(); ++day)
      if ((hours.days >> day & 1) != 0) out += (out.empty() ? "" : ",") + std::string(kDays[day]);
  if (!out.empty()) out += ' ';
  return out + clock_text(hours.from) + '-' + clock_text(hours.until);
}

std::string civil_text(std::optional<CivilTime> at) {
  if (!at) return "";
  const auto date = date_of(*at);
  const auto two = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return std::to_string(static_cast<int>(date.year())) + '-' + two(unsigned{date.month()}) + '-' +
         two(unsigned{date.day()}) + ' ' + clock_text(at->seconds % kDaySeconds / kMinuteSeconds);
}

}  // namespace footbridge::core
