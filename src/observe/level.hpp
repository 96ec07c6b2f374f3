// Log levels, as syslog and Tor name them. The numbers are syslog priorities: journald reads them from "<N>".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace footbridge::observe {

enum class Level : std::uint8_t {
  Err = 3,     // the operator must act
  Warn = 4,    // the operator may need to act
  Notice = 5,  // the default: life-cycle and hourly summary, at most 10 lines an hour while healthy
  Info = 6,    // one line for each thing a person would call an event
  Debug = 7,
};

std::string_view name(Level level);
// "err", "warn", "notice", "info", "debug" and nothing else.
std::optional<Level> parse_level(std::string_view text);

}  // namespace footbridge::observe
