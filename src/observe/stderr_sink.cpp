// The process's sink and the test's.
#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <unistd.h>
#include <utility>

#include "observe/logger.hpp"
#include "observe/write_at_once.hpp"

namespace footbridge::observe {
namespace {

static_assert(kMaxLineBytes <= PIPE_BUF, "a longer line could block or be torn");

}  // namespace

Sink stderr_sink() {
  std::signal(SIGPIPE, SIG_IGN);
  // Set by systemd when standard error is the journal, which then reads "<N>" as the priority.
  const bool journald = std::getenv("JOURNAL_STREAM") != nullptr;
  return [journald](const Record& record, const LogSettings& settings) {
    return write_at_once(STDERR_FILENO, format_line(record, settings.format, journald));
  };
}

LogCapture::LogCapture(LogSettings settings) {
  Logger::process().configure(settings);
  before_ = Logger::process().replace_sink([this](const Record& record, const LogSettings&) {
    const std::scoped_lock lock(mutex_);
    records_.push_back(record);
    return true;
  });
}

LogCapture::~LogCapture() {
  Logger::process().replace_sink(std::move(before_));
  Logger::process().configure({});
}

std::vector<Record> LogCapture::records() const {
  const std::scoped_lock lock(mutex_);
  return records_;
}

std::size_t LogCapture::count(std::string_view event) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(records_.begin(), records_.end(), [&](const Record& r) { return r.event == event; }));
}

}  // namespace footbridge::observe
