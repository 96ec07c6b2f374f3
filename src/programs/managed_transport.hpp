// ManagedTransport: what we tell the parent that started us as a pluggable transport
// (docs/spec/09-managed-transport.md): tor, or another program. Standard output belongs to it; the log of the process
// stays on standard error, which tor shows at severity info only.
//
//   Starting ──say_version()──▶ Configuring ──offer(), fail(), done()──▶ Configured: log() and mention()
//
// The lines of the configuration wait up to kSayLimit each for a parent that does not read; log() and mention() never
// wait. A line that cannot be written is dropped and counted: such a parent loses lines, never our liveness.
// Nothing here reports an error: a parent that is gone is ParentWatch's business. Threads: any, a mutex around it all.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

#include "base/address.hpp"
#include "base/time.hpp"
#include "wire/pt_lines.hpp"
#include "wire/pt_request.hpp"

namespace footbridge {

// A parent that starts many transports may read ours a little later. tor reads at once.
inline constexpr Millis kSayLimit{2'000};

// Of version 3.0, after sysexits.h. tor only shows the number; version 1 has the codes of ops/errors.hpp.
inline constexpr int kPtExitUsage = 64;
inline constexpr int kPtExitUnavailable = 69;
inline constexpr int kPtExitConfig = 78;

class ManagedTransport {
 public:
  struct Descriptors {
    int lines = STDOUT_FILENO;
    int errors = STDERR_FILENO;  // where version 3.0 wants its …-ERROR lines
  };
  ManagedTransport(wire::PtRole role, const wire::PtRequest& request, Descriptors to = {STDOUT_FILENO, STDERR_FILENO});

  wire::PtVersion version() const { return version_; }

  // VERSION, and which build we are.
  void say_version();
  void proxy_done();
  // The parent's proxy cannot carry us. Answers the exit code: nothing may be tried without it.
  [[nodiscard]] int proxy_error(std::string_view why);
  // CMETHOD of a client: where its SOCKS port is.
  void offer(const Endpoint& socks5);
  // SMETHOD of a server: where volunteers' legs arrive, and what a bridge line needs.
  void offer(const Endpoint& at, const wire::PtArguments& arguments);
  // All is said: CMETHODS DONE, SMETHODS DONE.
  void done();
  // It cannot be: CMETHOD-ERROR or SMETHOD-ERROR and DONE; a line of the log when done() was said before.
  void fail(std::string_view why);
  bool configured() const;

  // A sentence for the person who reads the parent's log; addresses and names in it are scrubbed.
  void log(wire::PtSeverity severity, std::string_view sentence);
  // A line of pt_lines.hpp, STATUS for instance.
  void mention(const std::string& line);
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void say(const std::string& line, int to);
  bool client() const { return role_ == wire::PtRole::Client; }
  int errors() const { return version_ == wire::PtVersion::V1 ? to_.lines : to_.errors; }

  const wire::PtRole role_;
  const wire::PtVersion version_;
  const std::optional<wire::PtSeverity> log_;
  const Descriptors to_;
  mutable std::mutex mutex_;
  bool configured_ = false;
  std::atomic<std::uint64_t> dropped_{0};
};

// The parent's request cannot be read: tells it so, answers the exit code.
int refuse_request(wire::PtVersion version, const wire::PtRefusal& refusal, ManagedTransport::Descriptors to = {});

}  // namespace footbridge
