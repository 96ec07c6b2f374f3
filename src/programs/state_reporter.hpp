// StateReporter: tells netstate how a program is: core::StateKeeper on a loop. It looks at the program once a second
// and never at what the program carries; one request is under way at a time, and what netstate does not take in time is
// dropped for the newest. So netstate being slow, stopped or hostile costs a connection and a timer. Where it says for
// how long it wants to be left alone, it is, up to core::kReportLongestWait.
//
//   StateReporter reporter(executor, dialer, options, role, rng, [&] { return state; });   // throws ops::UsageError
//   reporter.start();  …  co_await reporter.close();       // says that we are gone, if netstate hears it at once
//
// The log says once when netstate begins to hear us, and when it does not any more. Ownership: what it is given
// outlives it; close() it before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "base/rng.hpp"
#include "core/egress/address_policy.hpp"
#include "core/netstate/egress_name.hpp"
#include "core/netstate/state_keeper.hpp"
#include "crypto/ed25519.hpp"
#include "io/connector.hpp"
#include "io/resolver.hpp"
#include "io/task_scope.hpp"
#include "io/tls_client.hpp"
#include "io/wakeup.hpp"
#include "programs/reporter_file.hpp"
#include "programs/reporter_options.hpp"
#include "transport/http/client.hpp"

namespace footbridge {

// For the last word of a program that stops: longer than the pause between two reports.
inline constexpr Millis kGoodbyeToNetstate{2'000};

class StateReporter {
 public:
  // State, sessions and bytes as they are now; a carrier names its legs with egress_name(). Called once a second.
  using NowSo = std::function<wire::StateReport(const StateReporter& names)>;

  // `options.file` is set. `own_pin`: of an egress.
  StateReporter(asio::any_io_executor executor, io::Dialer& dialer, const ReporterOptions& options, wire::NodeRole role,
                std::optional<wire::SpkiSha256> own_pin, Rng& rng, NowSo now_so);

  void start();
  wire::EgressName egress_name(const wire::SpkiSha256& pin) const { return core::egress_name(file_.names, pin); }
  asio::awaitable<void> close();

 private:
  asio::awaitable<void> run();
  asio::awaitable<void> send(wire::StateReport report);
  void tell(std::optional<http::HttpErrc> error);

  ReporterFile file_;
  crypto::Ed25519KeyPair key_;
  http::Route route_;
  io::TlsClient trust_;
  http::Client client_;
  core::StateKeeper keeper_;
  NowSo now_so_;
  std::optional<Seconds> told_to_wait_;  // by the last answer
  std::optional<bool> heard_;            // as told in the log
  bool closing_ = false;
  bool over_ = false;  // the last word was said
  io::Wakeup look_;
  io::Wakeup done_;
  io::TaskScope scope_;
};

// The same with connections of its own: for a program that calls nobody by a way that its person has chosen.
struct OwnStateReporter {
  OwnStateReporter(const asio::any_io_executor& executor, const ReporterOptions& options, wire::NodeRole role,
                   std::optional<wire::SpkiSha256> own_pin, Rng& rng, StateReporter::NowSo now_so)
      : resolver(executor),
        connector(executor, resolver, anywhere),
        reporter(executor, connector, options, role, own_pin, rng, std::move(now_so)) {}

  io::SystemResolver resolver;
  // The address comes from our operator's own file.
  const core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  io::Connector connector;
  StateReporter reporter;
};

}  // namespace footbridge
