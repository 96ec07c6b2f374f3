// A time as people read it, in UTC: "2026-11-28 01:30 UTC". Pure.
#pragma once

#include <cstdio>
#include <ctime>
#include <string>

#include "base/time.hpp"

namespace footbridge {

inline std::string date_text(UnixSeconds at) {
  const auto seconds = static_cast<std::time_t>(count(at));
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "some day";
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min);
  return text;
}

}  // namespace footbridge
