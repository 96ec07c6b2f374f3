// The process's sink and the test's. A line goes out in one write(2) of at most PIPE_BUF bytes, and only when poll(2)
// says that it will not block: a stuck reader, a full disk or a closed descriptor costs log lines, never the program.
// (A process that shares our pipe can fill it between the two calls; then this one line waits for the reader.)
#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "observe/logger.hpp"

namespace footbridge::observe {
namespace {

static_assert(kMaxLineBytes <= PIPE_BUF, "a longer line could block or be torn");

bool write_at_once(std::string_view line) {
  pollfd waiting{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&waiting, 1, 0) != 1 || (waiting.revents & POLLOUT) == 0) return false;
  auto sent = ::send(STDERR_FILENO, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) sent = ::write(STDERR_FILENO, line.data(), line.size());
  return sent == static_cast<ssize_t>(line.size());
}

}  // namespace

Sink stderr_sink() {
  std::signal(SIGPIPE, SIG_IGN);
  // Set by systemd when standard error is the journal, which then reads "<N>" as the priority.
  const bool journald = std::getenv("JOURNAL_STREAM") != nullptr;
  return [journald](const Record& record, const LogSettings& settings) {
    return write_at_once(format_line(record, settings.format, journald));
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
