// Logger: what log() writes through. One for the process; tests make their own with a clock and a sink of theirs, or
// put a LogCapture in place of the process's sink.
// Thread-safe: one mutex around rate limit, formatting and sink.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "observe/log.hpp"
#include "observe/rate_limit.hpp"

namespace footbridge::observe {

// Takes a finished record; false: it could not be written and is lost.
using Sink = std::function<bool(const Record&, const LogSettings&)>;

// What the logger knows of time: steady for limits, wall for the line.
struct LogClock {
  std::function<TimePoint()> steady;
  std::function<WallTime()> wall;
};

inline constexpr Seconds kUnsafeWarningEvery{3600};

class Logger {
 public:
  Logger(Sink sink, LogClock clock);

  void configure(const LogSettings& settings);
  void set_level(Level level) { level_.store(level, std::memory_order_relaxed); }
  bool enabled(Level level) const { return level <= level_.load(std::memory_order_relaxed); }
  void write(Level level, Event event, std::span<const KeyValue> fields);
  LogCounts counts() const;
  // Answers the sink that was there before; rate limits begin anew.
  Sink replace_sink(Sink sink);

  static Logger& process();

 private:
  void write_locked(TimePoint now, Level level, Event event, std::span<const KeyValue> fields);
  void warn_of_unsafe_locked(TimePoint now);

  std::atomic<Level> level_{Level::Notice};
  std::atomic<std::uint64_t> suppressed_{0};
  std::atomic<std::uint64_t> unwritten_{0};
  mutable std::mutex mutex_;
  LogSettings settings_;
  Sink sink_;
  LogClock clock_;
  RateLimit limit_;
  std::optional<TimePoint> warned_unsafe_at_;
};

// The process's sink: standard error, never blocking. Ignores SIGPIPE for the process.
Sink stderr_sink();

// While it lives, the process's log events land here instead of on standard error. For tests.
class LogCapture {
 public:
  explicit LogCapture(LogSettings settings = {.level = Level::Debug});
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::vector<Record> records() const;
  std::size_t count(std::string_view event) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Record> records_;
  Sink before_;
};

}  // namespace footbridge::observe
