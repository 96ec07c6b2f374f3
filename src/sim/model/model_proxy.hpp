// ModelProxy: a volunteer's program in the model: core's rendezvous, engine and relay, wired as programs/proxy wires
// them, without sockets.
//
// Checked: a slot is sold once (P1), no leg is dialled before the link is open (P4), no stay outlives its deadline
// (P6); the relay's bound is checked by the hops. Ownership: the network outlives it. Thread: one.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "core/proxy/proxy_engine.hpp"
#include "core/proxy/relay.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"
#include "sim/model/network.hpp"

namespace footbridge::sim::model {

struct ProxyTerms {
  ProxyId id;  // kept over a restart, or not
  SelfTag self_tag;
  wire::Nat told_nat;  // what it believes of itself
  std::size_t slots = 2;
  std::vector<std::string> relays;
};

class ModelProxy final : public RendezvousAsker {
 public:
  ModelProxy(Ground& ground, std::uint64_t number, Network& network, const ProxyTerms& terms, Seed seed);
  ~ModelProxy() override;

  void set_slots(std::size_t count);
  // Stopped as a debugger stops it: nothing is read, no deadline is noticed.
  void freeze(bool frozen);
  // Gone. `noticed`: its machine lives and closes the connections.
  void crash(bool noticed);

  void on_leg(core::SlotRef at, Hop& leg);
  void on_leg_refused(core::SlotRef at);
  std::uint64_t number() const { return number_; }
  std::size_t relaying() const { return engine_.relaying(); }
  std::size_t slots() const { return engine_.slots(); }
  std::size_t busy() const { return engine_.busy(); }

  // RendezvousAsker
  void on_response(std::uint64_t id, ByteView body) override;
  void on_failed(std::uint64_t id) override;

 private:
  class Stay;

  void on_alarm() override;
  void settle();
  void carry_out(core::ProxyEngine::Command& command);
  void carry_out(core::ProxyRendezvous::Output& output);
  void make_answer(const core::ProxyEngine::MakeAnswer& make);
  void check_states();
  Stay* find(core::SlotRef at);

  std::uint64_t number_;
  Network& network_;
  Dice dice_;
  core::ProxyEngine engine_;
  core::ProxyRendezvous rendezvous_;
  std::array<std::unique_ptr<Stay>, core::ProxyEngine::kMaxSlots> stays_;
  std::vector<std::unique_ptr<Stay>> over_;  // to be destroyed in the next event
  std::array<std::pair<core::ProxyEngine::State, TimePoint>, core::ProxyEngine::kMaxSlots> since_{};
  TimePoint slots_changed_{};
  bool frozen_ = false;
  bool settling_ = false;
};

}  // namespace footbridge::sim::model
