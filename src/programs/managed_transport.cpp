#include "programs/managed_transport.hpp"

#include <cerrno>
#include <climits>
#include <poll.h>
#include <utility>

#include "base/assert.hpp"
#include "observe/scrubber.hpp"
#include "ops/errors.hpp"

namespace footbridge {
namespace {

// A pipe that poll(2) calls writable takes PIPE_BUF bytes at once.
bool write_line(int to, const std::string& line, Millis limit) {
  FB_ASSERT(line.size() <= PIPE_BUF);  // a longer one could block or be torn
  pollfd waiting{to, POLLOUT, 0};
  int ready = 0;
  do ready = ::poll(&waiting, 1, static_cast<int>(limit.count()));
  while (ready < 0 && errno == EINTR);
  if (ready != 1 || (waiting.revents & POLLOUT) == 0) return false;
  return ::write(to, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace

ManagedTransport::ManagedTransport(wire::PtRole role, const wire::PtRequest& request, Descriptors to)
    : role_(role), version_(request.version), log_(request.log), to_(to) {}

void ManagedTransport::say(const std::string& line, int to) {
  const std::scoped_lock lock(mutex_);
  if (!write_line(to, line, kSayLimit)) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void ManagedTransport::mention(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  if (!write_line(to_.lines, line, Millis{0})) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void ManagedTransport::say_version() {
  say(wire::pt_version_line(version_), to_.lines);
  if (version_ == wire::PtVersion::V1) say(wire::pt_status_version_line(FB_VERSION), to_.lines);
}

void ManagedTransport::proxy_done() { say(wire::pt_proxy_done_line(), to_.lines); }

int ManagedTransport::proxy_error(std::string_view why) {
  say(wire::pt_proxy_error_line(observe::scrub(why)), errors());
  return version_ == wire::PtVersion::V1 ? ops::kExitFailed : kPtExitUnavailable;
}

void ManagedTransport::offer(const Endpoint& socks5) {
  FB_ASSERT(client());
  say(wire::pt_cmethod_line(socks5), to_.lines);
}

void ManagedTransport::offer(const Endpoint& at, const wire::PtArguments& arguments) {
  FB_ASSERT(!client());
  say(wire::pt_smethod_line(at, arguments), to_.lines);
}

void ManagedTransport::done() {
  say(client() ? wire::pt_cmethods_done_line() : wire::pt_smethods_done_line(), to_.lines);
  const std::scoped_lock lock(mutex_);
  FB_ASSERT(!std::exchange(configured_, true));
}

void ManagedTransport::fail(std::string_view why) {
  if (configured()) return log(wire::PtSeverity::Error, why);
  const auto text = observe::scrub(why);
  say(client() ? wire::pt_cmethod_error_line(text) : wire::pt_smethod_error_line(text), errors());
  done();
}

bool ManagedTransport::configured() const {
  const std::scoped_lock lock(mutex_);
  return configured_;
}

void ManagedTransport::log(wire::PtSeverity severity, std::string_view sentence) {
  if (!log_ || severity > *log_) return;
  mention(wire::pt_log_line(version_, severity, observe::scrub(sentence)));
}

int refuse_request(wire::PtVersion version, const wire::PtRefusal& refusal, ManagedTransport::Descriptors to) {
  const bool first = version == wire::PtVersion::V1;
  static_cast<void>(write_line(first ? to.lines : to.errors, wire::pt_refusal_line(refusal), kSayLimit));
  if (first) return ops::kExitUsage;
  return refusal.line == wire::PtRefusal::Line::VersionError ? kPtExitConfig : kPtExitUsage;
}

}  // namespace footbridge
