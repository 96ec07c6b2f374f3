// finally(work, cleanup): runs work, then cleanup however work ended, then lets work's exception go on. For what cannot
// stand in a destructor because it has to wait: a scope that is left by an exception must be joined first.
// Nothing interrupts the cleanup; it brings its own deadline. Threads: the executor's one thread.
#pragma once

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "io/asio.hpp"

namespace footbridge::io {

inline asio::awaitable<void> finally(asio::awaitable<void> work, asio::awaitable<void> cleanup) {
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await std::move(cleanup);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace footbridge::io
