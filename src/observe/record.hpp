// Record: one log event, owned and already scrubbed, on its way to a line of text or to a test.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "observe/key_value.hpp"
#include "observe/level.hpp"

namespace footbridge::observe {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// A value that owns its text.
using OwnedValue = std::variant<bool, std::int64_t, std::uint64_t, double, Duration, ScopeId, std::string>;

struct Record {
  WallTime at{};
  Level level = Level::Notice;
  std::string event;
  std::vector<std::pair<std::string, OwnedValue>> fields;
  std::uint64_t suppressed = 0;  // events of this name that the rate limit swallowed since the last one

  // The field as it would be printed in logfmt, without quotes; nullopt: no such field. For tests.
  std::optional<std::string> field(std::string_view key) const;
};

enum class Format : std::uint8_t { Logfmt, Json };
std::string_view name(Format format);

// A pipe takes up to PIPE_BUF (4096 on Linux) bytes whole or not at all; a longer line could be torn or could block.
inline constexpr std::size_t kMaxLineBytes = 4096;
// One value may not push the others out of the line.
inline constexpr std::size_t kMaxValueBytes = 512;

// One line with its newline, pure ASCII (everything else is escaped: a log may end on a terminal), never longer than
// kMaxLineBytes: fields that do not fit are left out and "cut=true" says so. `journald` asks for the "<N>" prefix
// in place of time and level, which the journal keeps itself. Durations: logfmt with a unit, JSON in seconds.
std::string format_line(const Record& record, Format format, bool journald);

}  // namespace footbridge::observe
