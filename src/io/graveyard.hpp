// Graveyard: keeps what has ended until the next turn of the loop, when nothing of it is on the stack any more.
// For objects that learn of their end from inside one of their own events. Threads: the executor's one thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "io/deadline_timer.hpp"

namespace footbridge::io {

template <class T>
class Graveyard {
 public:
  explicit Graveyard(asio::any_io_executor executor) : timer_(std::move(executor), [this](TimePoint) { sweep(); }) {}

  void bury(std::unique_ptr<T> dead) {
    if (!dead) return;
    dead_.push_back(std::move(dead));
    timer_.arm(TimePoint{});  // in the past: the next turn of the loop
  }

 private:
  void sweep() {
    const auto gone = std::exchange(dead_, {});  // a destructor may bury somebody else
  }

  std::vector<std::unique_ptr<T>> dead_;
  DeadlineTimer timer_;
};

}  // namespace footbridge::io
