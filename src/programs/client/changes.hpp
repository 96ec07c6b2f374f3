// Changes: wakes every coroutine that waits for something to become different. A change between looking and waiting is
// not lost: the waiter says what it has seen. Threads: the executor's one thread. The waiters end before it does.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "io/asio.hpp"

namespace footbridge::client {

class Changes {
 public:
  explicit Changes(asio::any_io_executor executor) : timer_(executor, asio::steady_timer::time_point::max()) {}

  std::uint64_t seen() const { return count_; }
  void notify() {
    ++count_;
    timer_.cancel();
  }
  // Returns when there was a change after `seen`, or on cancellation.
  asio::awaitable<void> wait(std::uint64_t seen) {
    if (count_ == seen) co_await timer_.async_wait(io::no_throw);
  }

 private:
  std::uint64_t count_ = 0;
  asio::steady_timer timer_;  // never expires: cancelled by notify()
};

}  // namespace footbridge::client
