#include "io/wakeup.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::io {

Wakeup::Wakeup(asio::any_io_executor executor) : timer_(std::move(executor), asio::steady_timer::time_point::max()) {}

void Wakeup::notify() {
  notified_ = true;
  if (waiting_) timer_.cancel();
}

asio::awaitable<bool> Wakeup::wait() {
  FB_ASSERT(!waiting_);
  if (!notified_) {
    waiting_ = true;
    co_await timer_.async_wait(no_throw);
    waiting_ = false;
  }
  co_return std::exchange(notified_, false);
}

}  // namespace footbridge::io
