// Wakeup: one coroutine waits until somebody says "look again". Notifications before the wait are not lost, and many
// of them wake once. Threads: the executor's one thread. The waiter ends before the Wakeup does.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "io/asio.hpp"

namespace footbridge::io {

class Wakeup {
 public:
  explicit Wakeup(asio::any_io_executor executor);

  void notify();
  // True: notified since the last wait. False: this coroutine was cancelled.
  asio::awaitable<bool> wait();

 private:
  asio::steady_timer timer_;  // never expires: cancelled by notify()
  bool notified_ = false;
  bool waiting_ = false;
};

}  // namespace footbridge::io
