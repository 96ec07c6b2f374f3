// TwoEnds: the smallest world of the stack tier: one client, one egress, and straight pipes between them, as many and
// as bad as one likes. For tests and benches that ask what the ends do; who stands between them is imagined.
//
// Thread: one.
#pragma once

#include <functional>
#include <optional>

#include "sim/stack/client_node.hpp"
#include "sim/stack/egress_node.hpp"
#include "sim/stack/network.hpp"

namespace footbridge::sim {

// Both directions alike; sent into a network that keeps its queues to itself.
PipeWeather straight(Duration round_trip, std::uint64_t bits_per_second = 0);

class TwoEnds {
 public:
  explicit TwoEnds(std::uint64_t seed, const quic::PathOptions& options = {});

  // Answers the pipe's number, by which it can be cut; the pipe may be gone when a path over it has ended.
  std::uint64_t add_path(const PipeWeather& weather, Pipe::Carrier carrier = {});
  Pipe* pipe(std::uint64_t number) { return network.find_pipe(number); }
  // The other end of the client's session; null: not there (any more).
  SessionAtEnd* egress_session();

  bool run_until(const std::function<bool()>& done, Duration most) {
    return network.run_until(done, network.now() + most, after_each);
  }
  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }
  TimePoint now() const { return network.now(); }

  Trace trace;
  Network network;
  EgressNode egress;
  ClientNode client;
  std::function<void()> after_each;

 private:
  Dice dice_;
};

}  // namespace footbridge::sim
