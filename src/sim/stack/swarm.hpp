// Swarm: a whole small network of the stack tier: clients with several paths each, volunteers that come and go, an
// egress; and what goes wrong (swarm_faults.hpp). Rendezvous is imagined: a client that looks for a volunteer finds one
// after a while. First everything may happen for a time; then the faults stop, and everybody must get on (liveness);
// then all leave, and nothing may be left (P6).
//
//   Faults (scale.faulty) ──▶ Calm: every client has a session and finishes what it asks for, within kLivenessWithin
//   ──▶ Leaving: everything reaches its end within kGoneWithin
//
// After each event: P2 (every byte is the right one of its stream, ends come once and at the right place), P3 (queues
// and memory within their bounds). P6 also on the way: no path opens for longer than its handshakes may take.
//
// Everything follows from the seed; the trace's hash says so (network.hpp). Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/stack/client_node.hpp"
#include "sim/stack/egress_node.hpp"
#include "sim/stack/proxy_node.hpp"
#include "sim/stack/swarm_faults.hpp"

namespace footbridge::sim {

struct SwarmScale {
  std::uint64_t clients = 4;
  std::uint64_t proxies = 12;
  Duration faulty = Seconds{120};
  std::uint64_t bytes_each = 5'000'000;  // at least, of each client, both directions together
  std::size_t target_paths = 3;
  bool calm = false;  // nothing goes wrong
};

// Of each client, once nothing goes wrong any more.
inline constexpr Seconds kLivenessWithin{60};
// The longest of what may have to pass before the last object is gone: a session without a path, and an idle QUIC.
inline constexpr Duration kGoneWithin = core::kNoPathTtl + 2 * quic::kIdleTimeout + Seconds{30};

struct SwarmResult {
  std::uint64_t hash = 0;  // of the trace
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t streams = 0;  // asked for and done
  std::uint64_t paths = 0;    // dialled
  std::uint64_t sessions = 0;
  std::uint64_t deeds = 0;            // faults that were done
  std::optional<std::string> broken;  // which property, when, and how
};

class Swarm {
 public:
  Swarm(std::uint64_t seed, const SwarmScale& scale, Trace& trace);
  ~Swarm();

  SwarmResult run();

 private:
  struct Customer {  // a client and what it wants
    std::unique_ptr<ClientNode> node;
    std::map<std::uint64_t, std::size_t> proxy_of;  // by pipe
    std::uint64_t fresh_done = 0;                   // requests asked and answered since the calm began
    std::size_t dialling = 0;                       // volunteers being looked for
    bool wants = true;
  };

  // swarm.cpp: the world as it goes on
  void tend(Customer& customer);
  void look_for(Customer& customer);
  void dial(Customer& customer);
  void keep_asking(Customer& customer);
  std::optional<std::size_t> choose_proxy(const Customer& customer);
  bool run_phase(const std::function<bool()>& done, Duration most);
  bool all_content() const;
  bool all_gone() const;
  void begin_calm();
  void begin_leaving();
  SwarmResult result() const;

  // swarm_deeds.cpp: what goes wrong
  void plan_deeds();
  void plan(SwarmFault fault, Duration mean, void (Swarm::*deed)());
  void crash_proxy();
  void freeze_proxy();
  void part_link();
  void lose_leg();
  void silence_link();
  void give_up_stream();
  void stall_stream();
  void restart_egress();

  // swarm_checks.cpp: what must hold
  void check();
  void check_ages();
  std::uint64_t moved(const Customer& customer) const;
  std::string discontent() const;
  std::string left_behind() const;
  void broken(std::string what);

  Network network_;
  const SwarmScale scale_;
  const SwarmFaults faults_;
  Dice dice_;
  EgressNode egress_;
  std::vector<std::unique_ptr<ProxyNode>> proxies_;
  std::vector<Customer> customers_;
  std::vector<std::uint64_t> links_, legs_;  // pipes that may still be open
  bool calm_ = false;
  TimePoint calm_since_{};
  std::set<std::uint64_t> silenced_;  // pipes, for good
  std::uint64_t paths_ = 0, deeds_ = 0, streams_ = 0;
  TimePoint checked_ages_{};
  std::optional<std::string> broken_;
};

}  // namespace footbridge::sim
