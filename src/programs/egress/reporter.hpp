// Reporter: carries an egress's heartbeats to one broker: core::Heartbeats on a loop, with a connection for each
// report. It logs when the broker begins to hear us, and when it does not any more.
//
// Ownership: what it is given outlives it; close() it before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/egress/heartbeats.hpp"
#include "io/deadline_timer.hpp"
#include "programs/egress/egress_metrics.hpp"
#include "programs/egress/receipt_desk.hpp"
#include "programs/network_ways.hpp"
#include "programs/rendezvous_line.hpp"

namespace footbridge::egress {

class Reporter {
 public:
  struct Parts {
    ReceiptDesk& receipts;
    std::size_t broker;  // at that desk
    EgressMetrics& metrics;
    std::function<core::Heartbeats::Condition()> condition;
    std::function<void()> on_goodbye_over;
  };
  Reporter(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, core::Heartbeats::Config config,
           Rng& rng, Parts parts);

  // The broker is reached so from the next report on.
  void use(const NetworkWays& ways) { line_.use(ways.ways, ways.seals); }
  // The first report goes out at once.
  void start() { arm(); }
  // The condition says from now on that we leave: tells it at once, and calls on_goodbye_over when that was heard, or
  // could not be.
  void begin_goodbye(TimePoint now);
  bool goodbye_over() const { return goodbye_ == Goodbye::Over; }
  asio::awaitable<void> close();

 private:
  void on_timer(TimePoint now);
  void on_answer(std::uint64_t id, RendezvousLine::Answer answer);
  void settle();
  void arm() { timer_.arm(heartbeats_.deadline()); }

  // NotYet ──begin_goodbye()──▶ Wanted ──report──▶ Said ──answer, failure──▶ Over
  enum class Goodbye : std::uint8_t { NotYet, Wanted, Said, Over };

  Parts parts_;
  Goodbye goodbye_ = Goodbye::NotYet;
  core::Heartbeats heartbeats_;
  core::Heartbeats::Echo told_ = core::Heartbeats::Echo::None;  // in the log
  RendezvousLine line_;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::egress
