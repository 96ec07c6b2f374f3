// Network: what all parts of one world of the stack tier share: the queue of events, the trace, the seed, the pipes and
// the key of the egress. In this tier QUIC and TLS are real, and so are packets; links and time are not.
//
// Repeatable: everything but what TLS draws for itself (key shares, nonces), which changes no length and no time. So
// the trace, which knows lengths and times only, is the same for the same seed.
//
// Ownership: outlives whatever is in it. A pipe is destroyed when both of its sides are closed. Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "quic/identity.hpp"
#include "sim/seed.hpp"
#include "sim/stack/pipe.hpp"
#include "sim/stack/timer.hpp"
#include "sim/trace.hpp"

namespace footbridge::sim {

// A deadline that stays in the past would turn for ever without time going on: this many events at one moment are a
// finding.
inline constexpr std::uint64_t kMaxEventsAtOnce = 1'000'000;

class Network {
 public:
  Network(Seed from, Trace& borrow_trace) : seed(from), trace(borrow_trace) {}

  Pipe& open_pipe(const PipeWeather& weather);
  // Null: it is gone.
  Pipe* find_pipe(std::uint64_t number);
  void forget_pipe(std::uint64_t number) { pipes_.erase(number); }
  std::size_t pipe_count() const { return pipes_.size(); }
  void for_each_pipe(const std::function<void(Pipe&)>& visit);

  // Events until `done` or `until`; `after` is called after each. False: time ran out first.
  bool run_until(const std::function<bool()>& done, TimePoint until, const std::function<void()>& after = {});

  TimePoint now() const { return queue.now(); }

  Seed seed;
  Trace& trace;
  // Not at zero: ngtcp2 takes a time of zero for "none".
  TurnQueue queue{TimePoint{Seconds{1'000}}};
  const quic::Identity identity = quic::Identity::generate().value();

 private:
  std::map<std::uint64_t, std::unique_ptr<Pipe>> pipes_;
  std::uint64_t last_pipe_ = 0;
};

}  // namespace footbridge::sim
