// SIGINT and SIGTERM: the first calls on_drain, the second ends the process at once (exit code 1) unless there is an
// on_second. SIGHUP calls on_reload, or is ignored without one. Destroying the object gives the signals back. Threads:
// the executor's one thread.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>

#include "io/asio.hpp"

namespace footbridge::io {

class Signals {
 public:
  struct Actions {
    std::function<void()> on_drain;
    std::function<void()> on_reload;       // may be empty
    std::function<void()> on_second = {};  // each after the first; empty: std::_Exit(1)
  };
  Signals(asio::any_io_executor executor, Actions actions);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // two owners: this object and the wait that is pending in the loop
};

}  // namespace footbridge::io
