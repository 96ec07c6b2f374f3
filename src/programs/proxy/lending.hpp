// Lending: a volunteer at work, with all that it hears of: its limits, the directory of its network, the address
// translation in front of it, the router's ports, and a network that changes.
//
//   Lending lending(executor, {…}, co_await ground.engine_config());
//   lending.start();  …  co_await lending.drain(grace);
//
// Errors: the constructor throws ops::UsageError where this installation cannot be used, and std::system_error without
// a thread or socket. Ownership: what it is given outlives it; drain() before it is destroyed.
// Threads: the executor's one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/limits/help_summary.hpp"
#include "io/deadline_timer.hpp"
#include "io/network_watch.hpp"
#include "io/portmap/port_mapper.hpp"
#include "programs/directory_fetch.hpp"
#include "programs/nat_gauge.hpp"
#include "programs/nat_keeper.hpp"
#include "programs/proxy/limit_change.hpp"
#include "programs/proxy/limit_keeper.hpp"
#include "programs/proxy/own_report.hpp"
#include "programs/proxy/rendezvous_terms.hpp"
#include "programs/proxy/troubles.hpp"
#include "programs/proxy/volunteer.hpp"
#include "programs/proxy/volunteer_ground.hpp"
#include "programs/proxy/volunteer_state.hpp"
#include "programs/service.hpp"

namespace footbridge::proxy {

// PRX-T15: a phone that becomes somebody's hotspot, or is unplugged, is noticed by then.
inline constexpr Seconds kMeteredAgain{60};
// PRX-T16: who manages the network says what it costs only after it has changed.
inline constexpr Seconds kMeteredSoon{5};

class Lending {
 public:
  struct Parts {
    const VolunteerOptions& options;
    VolunteerGround& ground;
    LimitKeeper& limits;
    VolunteerMetrics& metrics;
    observe::Registry& registry;
    const Service& service;  // hears what the address translation is
  };
  Lending(asio::any_io_executor executor, Parts parts, webrtc::EngineConfig links);

  // From here on people come. Once.
  void start();
  // What of the options may change meanwhile. Throws ops::UsageError where a new allowance could not be remembered:
  // then nothing was changed.
  void use(const LimitChange& change);
  const VolunteerOptions& in_force() const { return in_force_; }
  // Nobody new; who is helped may go on for `grace`. Returns when all is over.
  asio::awaitable<void> drain(Duration grace);
  // Takes the router's ports back: always, however the rest ended.
  asio::awaitable<void> close_ports();

  VolunteerState state() const;
  // As netstate is told.
  wire::StateReport report(const StateReporter& names) const;
  // As the person who runs it is told.
  void describe(StatusReport& report) const;

 private:
  Volunteer::Parts volunteer_parts();
  void follow_network(asio::any_io_executor executor);
  void take_view();
  void count_carried();
  void on_nat(TimePoint now, const core::NatReport& report);
  void on_network_change(TimePoint now);
  void on_ports_changed();
  void look_metered(TimePoint now);
  void tell_summary(TimePoint now);

  Parts parts_;
  VolunteerOptions in_force_;
  NatKeeper::Terms nat_terms_;
  webrtc::Engine engine_;
  std::unique_ptr<io::PortMapper> ports_;  // null: the router is not asked
  std::optional<DirectoryFetch> fetch_;    // where a network was joined
  Volunteer volunteer_;
  NatGauge nat_gauge_;
  NatKeeper nat_keeper_;
  io::NetworkWatch network_watch_;
  core::NatReport nat_;
  core::HelpSummary summary_;
  io::DeadlineTimer summary_timer_;
  io::DeadlineTimer metered_timer_;
  Troubles troubles_;
  std::map<std::string, wire::SpkiSha256> egress_pins_;  // at each relay of the directory
  bool draining_ = false;
};

}  // namespace footbridge::proxy
