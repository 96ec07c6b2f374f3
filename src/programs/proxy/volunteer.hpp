// Volunteer: the I/O around core's two deciders. Assignments from the broker become slots of the ProxyEngine; its
// commands become links, legs and answers. It decides nothing itself.
//
// Ownership: what it is given outlives it; close() it before it is destroyed. Threads: the I/O thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/limits/people.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"
#include "io/connector.hpp"
#include "io/deadline_timer.hpp"
#include "io/graveyard.hpp"
#include "io/portmap/port_mapper.hpp"
#include "io/task_scope.hpp"
#include "programs/network_ways.hpp"
#include "programs/proxy/limit_keeper.hpp"
#include "programs/proxy/stay.hpp"
#include "programs/proxy/volunteer_metrics.hpp"
#include "programs/refusal_advice.hpp"
#include "programs/rendezvous_line.hpp"

namespace footbridge::proxy {

class Volunteer final : private StayEvents {
 public:
  struct Parts {
    webrtc::Engine& engine;
    io::Connector& broker_connector;  // to the address that our own configuration names
    io::Connector& leg_connector;     // to public addresses, unless --allow-private-egress
    io::TlsClient& leg_trust;         // whom legs in TLS believe
    Rng& rng;
    VolunteerMetrics& metrics;
    bool udp_legs = true;                                   // where an egress offers them
    io::PortMapper* ports = nullptr;                        // null: links do without
    std::function<void(TimePoint now)> on_unknown_relay{};  // a broker named one that is not listed
    LimitKeeper* limits = nullptr;                          // null: nobody counts
  };
  Volunteer(asio::any_io_executor executor, Parts parts, core::ProxyEngineConfig engine_config,
            core::ProxyRendezvousConfig rendezvous_config, BrokerWays brokers);

  void set_slots(std::size_t count,
                 Duration grace = core::ProxyEngine::kDrainGrace);  // nothing once close() was called
  // Everybody's help ends now; set_slots() begins again.
  void end_all();
  // Bytes per second carried at most, each way; nullopt: no limit.
  void set_max_rate(std::optional<std::uint64_t> bytes_per_second);
  // Another directory: for those who are assigned, and for what is asked, from now on.
  void use(core::RelayAllowList relays, NetworkWays brokers);
  RendezvousLine& line() { return line_; }
  std::size_t slots() const { return engine_.slots(); }
  std::size_t helping() const { return engine_.relaying(); }
  // What keeps people away, as brokers say it; empty: nothing does, nobody needs this volunteer now.
  std::string_view why_idle() const {
    if (broker_silent_) return "broker-silent";
    if (idle_) return name(*idle_);
    return told_refusal_ == wire::Refusal::None ? std::string_view() : wire::name(told_refusal_);
  }
  // What can be done about it; empty: nothing.
  std::string_view idle_advice() const {
    if (broker_silent_) return "look whether this machine reaches the internet; if it does, tell who runs the network";
    return idle_ ? advice(*idle_) : refusal_advice(told_refusal_);
  }
  // The router forwards more ports than before, or fewer.
  void on_ports_changed();
  // This machine has other addresses or routes: the connection to the broker may be dead without a word.
  void on_network_change(TimePoint now);
  void set_nat(TimePoint now, wire::Nat nat);
  // Carried so far, for those who have left and those who are here.
  struct Carried {
    std::uint64_t up_bytes = 0;
    std::uint64_t down_bytes = 0;
    std::uint64_t up_messages = 0;
    std::uint64_t down_messages = 0;
    void add(const core::Relay& relay) {
      up_bytes += relay.to_leg().bytes;
      down_bytes += relay.to_link().bytes;
      up_messages += relay.to_leg().messages;
      down_messages += relay.to_link().messages;
    }
  };
  Carried carried() const;
  // For whom bytes move just now, by the relay, as it is listed, that they move to.
  struct Carrying {
    Private<std::string> relay;
    std::uint32_t people = 0;
  };
  std::vector<Carrying> carrying(TimePoint now) const;
  // No new clients; those that are helped may go on for `grace`, then everything ends. Returns when it has.
  asio::awaitable<void> close(Duration grace);

 private:
  // StayEvents
  void on_answer_made(TimePoint now, core::SlotRef at, wire::Sdp answer) override;
  void on_link_open(TimePoint now, core::SlotRef at) override;
  void on_link_closed(TimePoint now, core::SlotRef at, PipeEnd end) override;
  void on_leg_open(TimePoint now, core::SlotRef at) override;
  void on_leg_closed(TimePoint now, core::SlotRef at, PipeEnd end) override;
  void on_carried(TimePoint now) override;

  void on_rendezvous_answer(std::uint64_t id, RendezvousLine::Answer answer);
  void on_broker_silent(http::HttpErrc why);
  // The drain law: after anything happened, carry out commands until there are none, then re-arm the timer.
  void settle();
  bool drain_engine(TimePoint now);
  bool drain_rendezvous(TimePoint now);
  void carry_out(TimePoint now, core::ProxyEngine::Command& command);
  void carry_out(TimePoint now, core::ProxyRendezvous::Output& output);
  void tell_refusal(wire::Refusal why);
  void bury_free_slots();
  void look_at_activity(TimePoint now);
  void start_relay(TimePoint now, core::SlotRef at);
  void let_go(TimePoint now);
  Stay* find(core::SlotRef at);
  void bury(std::unique_ptr<Stay> stay);
  asio::awaitable<void> dial(core::SlotRef at, Private<std::string> url, std::uint16_t udp_port,
                             std::optional<wire::SpkiSha256> tls_pin);
  asio::awaitable<std::unique_ptr<io::RelayLeg>> dial_udp(core::SlotRef at, wire::Url url, std::uint16_t port);

  asio::any_io_executor executor_;
  Parts parts_;
  core::ProxyEngine engine_;
  std::uint64_t capabilities_;  // what our polls say that we can do
  core::ProxyRendezvous rendezvous_;
  RendezvousLine line_;
  Limits limits_;
  std::array<std::unique_ptr<Stay>, core::ProxyEngine::kMaxSlots> stays_;
  std::array<std::unique_ptr<io::TaskScope>, core::ProxyEngine::kMaxSlots> dials_;
  io::Graveyard<Stay> graveyard_;
  io::DeadlineTimer timer_;
  io::DeadlineTimer pace_timer_;
  io::DeadlineTimer activity_timer_;
  core::People people_;
  crypto::SecretKey person_key_;
  std::size_t standby_ = 0;                // as told last
  io::Wakeup quiet_;                       // nobody is helped any more
  Carried carried_before_;                 // for those who have left
  std::optional<TimePoint> udp_again_at_;  // our network lets no UDP through, it seems
  bool settling_ = false;
  bool closing_ = false;
  bool broker_silent_ = false;                        // told once per silence
  wire::Refusal told_refusal_ = wire::Refusal::None;  // told once until something else is wrong
  std::optional<IdleWhy> idle_;                       // told once until somebody came through
};

}  // namespace footbridge::proxy
