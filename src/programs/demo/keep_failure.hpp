// Runs work beside other work: `a || b` waits for the first success, and would go on waiting after an exception, so the
// exception is kept instead. Who was first looks whether it failed. `failure` outlives the call.
#pragma once

#include <exception>
#include <utility>

#include "io/asio.hpp"

namespace footbridge::demo {

inline asio::awaitable<void> keep_failure(asio::awaitable<void> work, std::exception_ptr& failure) {
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
}

}  // namespace footbridge::demo
