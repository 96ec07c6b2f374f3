// Checks: coroutines that look at one thing each, side by side, and how many of them are over. One that fails is over,
// too: nobody waits for it.
//
// Bounds: what run() is given. Ownership: what checks refer to outlives run(). Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <functional>

#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"

namespace footbridge::doctor {

// So many of so many checks are over.
using OnProgress = std::function<void(std::size_t over, std::size_t all)>;

class Checks {
 public:
  Checks(asio::any_io_executor executor, OnProgress progress);

  // Before run(), or from inside a check.
  void spawn(asio::awaitable<void> check);
  // Returns when all are over; those that are not within `limit` are cut off.
  asio::awaitable<void> run(Duration limit);

 private:
  struct Counted;
  asio::awaitable<void> counted(asio::awaitable<void> check);
  asio::awaitable<void> wait(Duration limit);
  asio::awaitable<void> close();

  OnProgress progress_;
  io::Wakeup all_over_;
  std::size_t over_ = 0, all_ = 0;
  io::TaskScope scope_;
};

}  // namespace footbridge::doctor
