// NextTurn: calls back once in the next turn of the loop, however often it was asked to in this one. No system call:
// a timer that is due at once would cost two.
//
// The callback gets the `now` of its turn; it may ask again, or destroy the NextTurn. Never called from inside ask().
// Threads: the executor's one thread.
#pragma once

#include <functional>
#include <memory>

#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

class NextTurn {
 public:
  using Callback = std::function<void(TimePoint now)>;

  NextTurn(asio::any_io_executor executor, Callback callback);
  ~NextTurn();
  NextTurn(const NextTurn&) = delete;
  NextTurn& operator=(const NextTurn&) = delete;

  void ask();

 private:
  struct State {
    Callback callback;
    bool asked = false;
    bool abandoned = false;
  };
  asio::any_io_executor executor_;
  // Two owners: this object and the call that is pending in the loop, which may outlive it by one turn.
  std::shared_ptr<State> state_;
};

}  // namespace footbridge::io
