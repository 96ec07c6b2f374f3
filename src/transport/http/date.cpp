#include "transport/http/date.hpp"

#include <array>
#include <chrono>
#include <ctime>

namespace footbridge::http {
namespace {

constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::size_t kMonthChars = 3;
constexpr int kFirstYear = 1970;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits and letters where the form has them, and everything else exactly as it is there.
bool has_form(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char shape = kForm[i];
    const bool letter = (shape >= 'a' && shape <= 'z') || (shape >= 'A' && shape <= 'Z');
    if (is_digit(shape) ? !is_digit(text[i]) : !letter && text[i] != shape) return false;
  }
  return true;
}

int number(std::string_view digits) {
  int out = 0;
  for (const char digit : digits) out = out * 10 + (digit - '0');
  return out;
}

}  // namespace

std::string http_date(UnixSeconds at) {
  const auto seconds = static_cast<std::time_t>(count(at));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

std::optional<UnixSeconds> parse_http_date(std::string_view text) {
  if (!has_form(text) || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = kMonths.find(text.substr(8, kMonthChars));
  if (month == std::string_view::npos || month % kMonthChars != 0) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(number(text.substr(12, 4))),
                                        std::chrono::month(static_cast<unsigned>(month / kMonthChars + 1)),
                                        std::chrono::day(static_cast<unsigned>(number(text.substr(5, 2)))));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  constexpr int kLeapSecond = 60;
  if (!day.ok() || int(day.year()) < kFirstYear || hour > 23 || minute > 59 || second > kLeapSecond)
    return std::nullopt;
  const auto at = std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(hour) +
                  std::chrono::minutes(minute) + Seconds(second);
  return UnixSeconds{static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(at).count())};
}

}  // namespace footbridge::http
