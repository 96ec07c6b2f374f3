#include "io/signals.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

namespace footbridge::io {

struct Signals::State {
  State(asio::any_io_executor executor, Actions given)
      : set(std::move(executor), SIGINT, SIGTERM, SIGHUP), actions(std::move(given)) {}

  // Owners of `self`: the Signals object and the wait started here.
  static void wait(const std::shared_ptr<State>& self) {
    self->set.async_wait([self](error_code error, int number) {
      if (error || self->abandoned) return;
      wait(self);  // first, so that an action may destroy the Signals object
      self->on_signal(number);
    });
  }

  void on_signal(int number) {
    if (number == SIGHUP) {
      if (actions.on_reload) actions.on_reload();
    } else if (!std::exchange(draining, true)) {
      if (actions.on_drain) actions.on_drain();
    } else if (actions.on_second) {
      actions.on_second();
    } else {
      std::_Exit(1);  // no destructors: whatever is stuck must not hold up a user who insists
    }
  }

  asio::signal_set set;
  Actions actions;
  bool draining = false;
  bool abandoned = false;
};

Signals::Signals(asio::any_io_executor executor, Actions actions)
    : state_(std::make_shared<State>(std::move(executor), std::move(actions))) {
  State::wait(state_);
}

Signals::~Signals() {
  state_->abandoned = true;
  error_code ignored;
  state_->set.clear(ignored);
  state_->set.cancel(ignored);
}

}  // namespace footbridge::io
