#include "observe/logger.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/overloaded.hpp"
#include "observe/scrubber.hpp"

namespace footbridge::observe {
namespace {

OwnedValue own(const Value& value, bool unsafe) {
  return std::visit(Overloaded{[&](std::string_view text) -> OwnedValue {
                                 const bool long_text = text.size() > kMaxValueBytes;
                                 // Scrub before cutting: half an address would not be recognised.
                                 auto out = unsafe ? std::string(text) : scrub(text.substr(0, 2 * kMaxValueBytes));
                                 if (out.size() > kMaxValueBytes) out.resize(kMaxValueBytes);
                                 return long_text ? out + "..." : out;
                               },
                               [](auto plain) -> OwnedValue { return plain; }},
                    value);
}

LogClock real_clock() {
  return {[] { return TimePoint(std::chrono::steady_clock::now().time_since_epoch()); },
          [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }};
}

}  // namespace

Logger::Logger(Sink sink, LogClock clock) : sink_(std::move(sink)), clock_(std::move(clock)) {}

Logger& Logger::process() {
  // Never destroyed: threads that outlive main() may still log.
  static Logger& logger = *new Logger(stderr_sink(), real_clock());
  return logger;
}

void Logger::configure(const LogSettings& settings) {
  const std::scoped_lock lock(mutex_);
  settings_ = settings;
  level_.store(settings.level, std::memory_order_relaxed);
  warned_unsafe_at_.reset();
  if (settings_.unsafe) warn_of_unsafe_locked(clock_.steady());
}

void Logger::write(Level level, Event event, std::span<const KeyValue> fields) {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_.steady();
  if (settings_.unsafe) warn_of_unsafe_locked(now);
  write_locked(now, level, event, fields);
}

void Logger::write_locked(TimePoint now, Level level, Event event, std::span<const KeyValue> fields) {
  const auto swallowed = limit_.admit(now, event.text(), level);
  if (!swallowed) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  Record record{clock_.wall(), level, std::string(event.text()), {}, *swallowed};
  for (const auto& field : fields) record.fields.emplace_back(field.key, own(field.value, settings_.unsafe));
  if (!sink_(record, settings_)) unwritten_.fetch_add(1, std::memory_order_relaxed);
}

void Logger::warn_of_unsafe_locked(TimePoint now) {
  if (warned_unsafe_at_ && now - *warned_unsafe_at_ < kUnsafeWarningEvery) return;
  warned_unsafe_at_ = now;
  const std::array fields{kv("advice", "log lines may hold addresses of people; restart without --unsafe-logging")};
  write_locked(now, Level::Warn, "unsafe-logging", fields);
}

LogCounts Logger::counts() const {
  return {suppressed_.load(std::memory_order_relaxed), unwritten_.load(std::memory_order_relaxed)};
}

Sink Logger::replace_sink(Sink sink) {
  const std::scoped_lock lock(mutex_);
  limit_ = {};  // nothing was written to the new one yet, so nothing is too much
  return std::exchange(sink_, std::move(sink));
}

void configure_log(const LogSettings& settings) { Logger::process().configure(settings); }
void set_log_level(Level level) { Logger::process().set_level(level); }
bool log_enabled(Level level) { return Logger::process().enabled(level); }
void log_fields(Level level, Event event, std::span<const KeyValue> fields) {
  Logger::process().write(level, event, fields);
}
LogCounts log_counts() { return Logger::process().counts(); }

}  // namespace footbridge::observe
