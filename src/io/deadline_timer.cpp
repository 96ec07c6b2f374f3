#include "io/deadline_timer.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "io/clock.hpp"

namespace footbridge::io {
namespace {

TimePoint on_the_grid(TimePoint at) {
  const auto beyond = at.time_since_epoch() % kTimerGrain;
  return beyond > Duration::zero() ? at + (kTimerGrain - beyond) : at;
}

}  // namespace

struct DeadlineTimer::State {
  State(asio::any_io_executor executor, OnDeadline callback)
      : timer(std::move(executor)), on_deadline(std::move(callback)) {}

  // Owners of `self`: the DeadlineTimer and the wait started here.
  static void wait(const std::shared_ptr<State>& self, TimePoint until) {
    self->waiting_until = until;
    const auto wait_number = ++self->waits;
    self->timer.expires_at(to_steady(until));  // cancels an earlier wait, whose number is then out of date
    self->timer.async_wait([self, wait_number](error_code) {
      if (self->abandoned || wait_number != self->waits) return;
      self->waiting_until = std::nullopt;
      on_wake(self, now());
    });
  }

  static void on_wake(const std::shared_ptr<State>& self, TimePoint at) {
    if (!self->wanted) return;
    if (at < *self->wanted) return wait(self, *self->wanted);
    self->wanted = std::nullopt;
    self->on_deadline(at);
  }

  asio::steady_timer timer;
  OnDeadline on_deadline;
  std::optional<TimePoint> wanted;         // what arm() was told last
  std::optional<TimePoint> waiting_until;  // what the loop waits for; never later than `wanted`
  std::size_t waits = 0;
  bool abandoned = false;
};

DeadlineTimer::DeadlineTimer(asio::any_io_executor executor, OnDeadline on_deadline)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_deadline))) {}

DeadlineTimer::~DeadlineTimer() {
  state_->abandoned = true;
  state_->timer.cancel();
}

void DeadlineTimer::arm(std::optional<TimePoint> deadline) {
  state_->wanted = deadline ? std::optional(on_the_grid(*deadline)) : std::nullopt;
  if (!deadline || (state_->waiting_until && *state_->waiting_until <= *state_->wanted)) return;
  State::wait(state_, *state_->wanted);
}

std::size_t DeadlineTimer::waits_started() const { return state_->waits; }

}  // namespace footbridge::io
