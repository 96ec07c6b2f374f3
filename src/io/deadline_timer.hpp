// DeadlineTimer: calls back at a core object's deadline(), which moves with almost every packet.
// Re-arming to a later instant costs a store: the running wait is left alone, wakes once too early and sleeps again.
// Disarming is a store, too; the loop keeps the wait until it ends or the timer is destroyed.
//
// The callback gets the `now` of its wake-up; it may re-arm or destroy the timer. Never called from inside arm().
// Threads: the executor's one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

// Deadlines are met up to this late: it is the granularity that QUIC's own timers assume (RFC 9002 §6.1.2), and what is
// due within one grain, on all timers of the loop, shares a wake-up. Acknowledgements and pacing ask for less with
// every packet.
inline constexpr Duration kTimerGrain = Millis{1};

class DeadlineTimer {
 public:
  using OnDeadline = std::function<void(TimePoint now)>;

  DeadlineTimer(asio::any_io_executor executor, OnDeadline on_deadline);
  ~DeadlineTimer();
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  // nullopt: never. A deadline in the past calls back in the next turn of the loop.
  void arm(std::optional<TimePoint> deadline);

  // How often the operating system's side was set up; for the test of the promise above.
  std::size_t waits_started() const;

 private:
  struct State;
  // Two owners: this object and the wait that is pending in the loop, which may outlive it by one turn.
  std::shared_ptr<State> state_;
};

}  // namespace footbridge::io
