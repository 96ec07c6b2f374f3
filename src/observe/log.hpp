// Structured log events: log(Level::Notice, "match", kv("nat", nat), kv("took", ms), kv("scope", scope_id)).
// Event names are stable identifiers; docs/ops/events.md lists each with its meaning, and a test compares.
//
// Thread-safe. Never throws, never blocks on a slow reader: a line that cannot be written at once is dropped and
// counted (log_counts()). Below the set level a call costs one relaxed load.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "observe/key_value.hpp"
#include "observe/level.hpp"
#include "observe/record.hpp"

namespace footbridge::observe {

// The name of an event: a literal of lower-case letters, digits and '-'.
class Event {
 public:
  consteval Event(const char* literal) : text_(literal) {  // NOLINT: a literal *is* an event name
    if (!is_plain_name(text_, '-')) throw "an event is lower-case letters, digits and '-'";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

struct LogSettings {
  Level level = Level::Notice;
  Format format = Format::Logfmt;
  // Addresses and host names in text pass the scrubber. Warns at once and then each hour in which something is logged.
  bool unsafe = false;
};
// Applies to the whole process.
void configure_log(const LogSettings& settings);
// The one part of it that a reload may change.
void set_log_level(Level level);

bool log_enabled(Level level);
void log_fields(Level level, Event event, std::span<const KeyValue> fields);

template <class... Fields>
  requires(std::same_as<Fields, KeyValue> && ...)
void log(Level level, Event event, const Fields&... fields) {
  if (!log_enabled(level)) return;
  const std::array<KeyValue, sizeof...(fields)> all{fields...};
  log_fields(level, event, all);
}

struct LogCounts {
  std::uint64_t suppressed = 0;  // swallowed by the rate limit
  std::uint64_t unwritten = 0;   // the reader of stderr was slow or gone, or the disk full
};
LogCounts log_counts();

}  // namespace footbridge::observe
