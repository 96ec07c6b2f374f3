#include "programs/managed_transport.hpp"

#include <utility>

#include "base/assert.hpp"
#include "observe/scrubber.hpp"
#include "observe/write_at_once.hpp"
#include "ops/errors.hpp"

namespace footbridge {

ManagedTransport::ManagedTransport(wire::PtRole role, const wire::PtRequest& request, Descriptors to)
    : role_(role), version_(request.version), log_(request.log), to_(to) {}

void ManagedTransport::say(const std::string& line, int to) {
  const std::scoped_lock lock(mutex_);
  if (!observe::write_at_once(to, line, kSayLimit)) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void ManagedTransport::mention(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  if (!observe::write_at_once(to_.lines, line)) dropped_.fetch_add(1, std::memory_order_relaxed);
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
  static_cast<void>(observe::write_at_once(first ? to.lines : to.errors, wire::pt_refusal_line(refusal), kSayLimit));
  if (first) return ops::kExitUsage;
  return refusal.line == wire::PtRefusal::Line::VersionError ? kPtExitConfig : kPtExitUsage;
}

}  // namespace footbridge
