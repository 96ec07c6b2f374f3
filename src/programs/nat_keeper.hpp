// NatKeeper: knows what kind of address translation this machine is behind, for as long as a program runs: measures
// when told to start, again when the network changes and every NAT-T6, and says each change (spec 13). Without a STUN
// server it measures nothing and says nothing.
//
//   Off ──start()──▶ Measuring ──▶ Known ──NAT-T6 (from NAT-T8 up to that without UDP)──▶ Measuring
//                        ▲           │ on_network_change(): unmeasured again, at once
//                        └─ NAT-T7 ──┘ since the last beginning; NAT-T12 where a link's STUN says otherwise
//
// Ownership: rng outlives it; destroy it after the last use of its callback's captures. Threads: the executor's one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "core/nat/nat_cache.hpp"
#include "core/nat/nat_discovery.hpp"
#include "io/deadline_timer.hpp"
#include "io/local_addresses.hpp"
#include "io/nat_prober.hpp"
#include "io/wakeup.hpp"
#include "programs/nat_recheck.hpp"

namespace footbridge {

inline constexpr Seconds kNatPause{30};  // NAT-T7: from one beginning to the next, however the network flaps
// NAT-T9: a first request waits for the first result no longer than this: a round trip to most servers.
inline constexpr Millis kNatFirstWait{250};
inline constexpr Seconds kNatDoubtPause{5};    // NAT-T12: after the last beginning, where a link makes it doubtful
inline constexpr Millis kNatFirstAnswer{750};  // NAT-T11: and so much longer for anybody's answer, if nobody gave one

class NatKeeper {
 public:
  // As links should know it, too: a server answers, or is silent while others are asked.
  using OnServer = io::NatProber::OnServer;
  struct Terms {
    std::vector<Endpoint> stun_servers;
    core::NatTests tests = core::NatTests::Full;
    io::LocalAddresses local{};
    bool allow_private = false;  // demo and tests: servers on private addresses
    OnServer on_server{};
  };
  using OnReport = std::function<void(TimePoint now, const core::NatReport& report)>;

  // on_report: each report that differs from the one before; at first that is an empty one.
  NatKeeper(asio::any_io_executor executor, Rng& rng, OnReport on_report);

  void start(TimePoint now, Terms terms);
  void on_network_change(TimePoint now);
  // What a link's own question came to. Where it does not go with what is known, because servers have died or come
  // back, it is measured again.
  void on_gathered(TimePoint now, bool seen_outside);
  // Returns when there is a first result, or after `limit`, or at once where nothing is measured. Where no server has
  // answered by then it returns with the first answer, or after NAT-T11: a link that asks a dead server costs far more.
  asio::awaitable<void> first_result(Duration limit);

 private:
  void begin(TimePoint now);
  void on_measured(TimePoint now, const core::NatReport& report);
  void on_server(const Endpoint& server, bool answers);
  void tell(TimePoint now, const core::NatReport& report);

  asio::any_io_executor executor_;
  Rng& rng_;
  OnReport on_report_;
  std::optional<Terms> terms_;  // from start() on, where there is somebody to ask
  core::NatCache cache_;
  NatRecheck recheck_;
  core::NatReport told_;
  std::optional<core::NatVerdict> logged_;  // what the log says last
  std::optional<TimePoint> began_;
  bool measuring_ = false;
  bool measured_ = false;  // once at least
  bool answered_ = false;  // by some server, once at least
  io::Wakeup first_;
  io::Wakeup first_answer_;
  io::DeadlineTimer again_;
  std::unique_ptr<io::NatProber> prober_;
};

}  // namespace footbridge
