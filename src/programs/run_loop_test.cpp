#include "programs/run_loop.hpp"

#include <csignal>
#include <gtest/gtest.h>

#include "io/clock.hpp"
#include "io/task_scope.hpp"
#include "io/with_deadline.hpp"
#include "observe/logger.hpp"

namespace footbridge {
namespace {

// A program looks for the wish to stop at several places of its start; whoever looks later must hear of it, too.
TEST(RunLoop, TellsEverybodyWhoAsksThatItShallStop) {
  RunLoop loop;
  const auto from = io::now();
  loop.run([](RunLoop& of) -> asio::awaitable<void> {
    of.request_stop();
    for (int i = 0; i < 3; ++i) co_await io::with_deadline(Seconds{20}, of.stop_requested());
  }(loop));
  EXPECT_LT(io::now() - from, Seconds{10});
}

// Programs say that they are ready before they run: whoever heard it may stop them at once.
TEST(RunLoop, HearsASignalThatCameBeforeItRan) {
  RunLoop loop;
  std::raise(SIGHUP);
  std::raise(SIGTERM);
  const auto from = io::now();
  loop.run(
      [](RunLoop& of) -> asio::awaitable<void> { co_await io::with_deadline(Seconds{20}, of.stop_requested()); }(loop));
  EXPECT_LT(io::now() - from, Seconds{10});
}

TEST(RunLoop, StopsAtTheFirstSignal) {
  RunLoop loop;
  const auto from = io::now();
  loop.run([](RunLoop& of) -> asio::awaitable<void> {
    std::raise(SIGTERM);
    co_await io::with_deadline(Seconds{20}, of.stop_requested());
  }(loop));
  EXPECT_LT(io::now() - from, Seconds{10});
}

TEST(RunLoop, HandsOnWhatItsMainThrows) {
  RunLoop loop;
  EXPECT_THROW(loop.run([]() -> asio::awaitable<void> {
    throw std::runtime_error("no");
    co_return;
  }()),
               std::runtime_error);
}

TEST(RunLoop, StopsInOrderWhenAPartItNeedsHasFailedAndThenThrowsThat) {
  const observe::LogCapture log;
  RunLoop loop;
  bool stopped_in_order = false;
  const auto serve = [](RunLoop& of, bool& in_order) -> asio::awaitable<void> {
    io::TaskScope scope(of.executor(), "server", of.fail());
    scope.spawn([]() -> asio::awaitable<void> {
      throw std::runtime_error("the door is gone");
      co_return;
    }());
    co_await of.stop_requested();
    co_await scope.join();
    in_order = true;
  };
  EXPECT_THROW(loop.run(serve(loop, stopped_in_order)), std::runtime_error);
  EXPECT_TRUE(stopped_in_order);
  EXPECT_EQ(log.count("task-failed"), 1U);
}

}  // namespace
}  // namespace footbridge
