// Runs coroutines on one io_context for the contract tests: real sockets on loopback, a time limit for each test.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/clock.hpp"
#include "io/task_scope.hpp"

namespace footbridge::test {

// What happens by itself happens within this, however busy the machine is.
inline constexpr Duration kSoon = Seconds{20};
// What happens at once takes a millisecond or two, and more where the machine does something else for a moment. Shorter
// than any limit that could be waited for instead: a leg's close takes 700 ms, the others seconds or an hour.
inline constexpr Duration kAtOnce = Millis{600};

class Loop {
 public:
  asio::io_context context{1};
  asio::any_io_executor executor() { return context.get_executor(); }

  // Runs until `done` has ended; its exception becomes ours.
  void run(asio::awaitable<void> done, Duration limit = kSoon) {
    bool ended = false;
    std::exception_ptr error;
    asio::co_spawn(context, std::move(done), [&](std::exception_ptr failure) {
      ended = true;
      error = std::move(failure);
    });
    const auto deadline = io::to_steady(io::now() + limit);
    context.restart();
    while (!ended && context.run_one_until(deadline) != 0) continue;
    ASSERT_TRUE(ended) << "the test did not end within its limit";
    if (error) std::rethrow_exception(error);
  }

  // Lets everything that is ready, or becomes ready soon, happen.
  void settle(Duration duration = Millis{20}) {
    context.restart();
    context.run_until(io::to_steady(io::now() + duration));
  }

  // Until the condition holds; false: it did not within the limit.
  template <class Condition>
  bool until(Condition condition, Duration limit = kSoon) {
    const auto deadline = io::now() + limit;
    context.restart();
    while (!condition())
      if (context.run_one_until(io::to_steady(deadline)) == 0) {
        if (io::now() >= deadline) return condition();
        context.restart();
      }
    return true;
  }

  // Does it inside the running loop, as what cancels a scope has to be.
  template <class Work>
  void inside(Work work) {
    bool done = false;
    asio::post(context, [&] {
      work();
      done = true;
    });
    EXPECT_TRUE(until([&] { return done; }));
  }

  // Cancels all that runs in the scope; false: some of it did not end within the limit.
  bool end(io::TaskScope& scope, asio::cancellation_type level = asio::cancellation_type::terminal,
           Duration limit = Seconds{5}) {
    inside([&] { scope.cancel(level); });
    return until([&] { return scope.empty(); }, limit);
  }
};

inline asio::awaitable<void> pause(Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           std::chrono::duration_cast<asio::steady_timer::duration>(duration));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace footbridge::test
