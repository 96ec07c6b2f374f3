// TaskScope, with_deadline, DeadlineTimer and NextTurn on a real loop.
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>

#include "contract/loop.hpp"
#include "io/deadline_timer.hpp"
#include "io/next_turn.hpp"
#include "io/scope_counts.hpp"
#include "io/signals.hpp"
#include "io/test_scope.hpp"
#include "io/with_deadline.hpp"
#include "observe/logger.hpp"

namespace footbridge::io {
namespace {

using namespace std::chrono_literals;
using test::kAtOnce;
using test::Loop;
using test::pause;

asio::awaitable<void> forever() { co_await pause(3600s); }
asio::awaitable<int> answer_after(Duration wait, int value) {
  co_await pause(wait);
  co_return value;
}
asio::awaitable<int> fail_after(Duration wait) {
  co_await pause(wait);
  throw std::runtime_error("refused");
}

TEST(WithDeadline, GivesTheResultThatComesInTime) {
  Loop loop;
  loop.run([]() -> asio::awaitable<void> {
    const auto value = co_await with_deadline(5s, answer_after(1ms, 7));
    EXPECT_EQ(value, 7);
    EXPECT_TRUE(co_await with_deadline(5s, pause(1ms)));
  }());
}

TEST(WithDeadline, TellsThatTheDeadlinePassed) {
  Loop loop;
  const auto start = now();
  loop.run([]() -> asio::awaitable<void> {
    const auto value = co_await with_deadline(30ms, answer_after(3600s, 7));
    EXPECT_FALSE(value);
    EXPECT_FALSE(co_await with_deadline(1ms, forever()));
  }());
  EXPECT_LT(now() - start, 2s);
}

TEST(WithDeadline, PropagatesAFailureAtOnce) {
  Loop loop;
  const auto start = now();
  loop.run([]() -> asio::awaitable<void> {
    bool failed = false;
    try {
      static_cast<void>(co_await with_deadline(30s, fail_after(1ms)));
    } catch (const std::runtime_error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
  }());
  EXPECT_LT(now() - start, 2s);
}

TEST(WithDeadline, NeverLosesAMessageThatRacesTheDeadline) {
  using Channel = asio::experimental::channel<void(error_code, int)>;
  Loop loop;
  int received = 0;
  constexpr int kMessages = 2000;
  loop.run([](Loop& in, int& count) -> asio::awaitable<void> {
    Channel channel(in.executor(), 1);
    TestScope scope(in.executor());
    scope.spawn([](Channel& to) -> asio::awaitable<void> {
      for (int i = 0; i < kMessages; ++i) {
        co_await pause(50us);
        co_await to.async_send(error_code{}, i, asio::use_awaitable);
      }
    }(channel));
    while (count < kMessages) {
      const auto message = co_await with_deadline(50us, channel.async_receive(asio::use_awaitable));
      if (message) ++count;
    }
    co_await scope.join();
  }(loop, received));
  EXPECT_EQ(received, kMessages);
}

TEST(WithDeadline, ACancellationFromOutsideIsNotADeadline) {
  Loop loop;
  TestScope scope(loop.executor());
  bool timed_out = false;
  scope.spawn([](bool& out) -> asio::awaitable<void> {
    const auto value = co_await with_deadline(3600s, answer_after(3600s, 1));
    out = !value;
  }(timed_out));
  loop.settle();
  const auto start = now();
  EXPECT_TRUE(loop.end(scope));
  EXPECT_LT(now() - start, kAtOnce);
  EXPECT_FALSE(timed_out);
}

// Says goodbye for a while before it obeys.
asio::awaitable<int> slow_to_stop() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(co_await asio::this_coro::executor, 3600s);
  co_await timer.async_wait(no_throw);
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await pause(20ms);
  throw boost::system::system_error(asio::error::operation_aborted);
}

TEST(WithDeadline, ACancelledWaitIsNoDeadlineHoweverLongItTakesToStop) {
  Loop loop;
  TestScope scope(loop.executor());
  bool timed_out = false;
  scope.spawn([](bool& out) -> asio::awaitable<void> {
    const auto value = co_await with_deadline(3600s, slow_to_stop());
    out = !value;
  }(timed_out));
  loop.settle();
  EXPECT_TRUE(loop.end(scope));
  EXPECT_FALSE(timed_out);
}

TEST(WithDeadline, AGentleCancellationIsNotADeadlineEither) {
  Loop loop;
  TestScope scope(loop.executor());
  bool timed_out = false;
  scope.spawn([](bool& out) -> asio::awaitable<void> {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    const auto value = co_await with_deadline(3600s, answer_after(3600s, 1));
    out = !value;
  }(timed_out));
  loop.settle();
  EXPECT_TRUE(loop.end(scope, asio::cancellation_type::total));
  EXPECT_FALSE(timed_out);
}

TEST(TaskScope, CancelsAndJoinsAThousandChildren) {
  Loop loop;
  TestScope scope(loop.executor());
  for (int i = 0; i < 1000; ++i) scope.spawn(forever());
  loop.settle();
  EXPECT_EQ(scope.size(), 1000U);
  const auto start = now();
  loop.run([](TaskScope& in) -> asio::awaitable<void> {
    in.cancel();
    co_await in.join();
  }(scope));
  EXPECT_TRUE(scope.empty());
  EXPECT_LT(now() - start, 2s);
}

asio::awaitable<void> fail() { static_cast<void>(co_await fail_after(1ms)); }

TEST(TaskScope, IsCountedByItsName) {
  EXPECT_EQ(scopes_text().find("lamp-lighters"), std::string::npos);
  Loop loop;
  {
    TaskScope scope(loop.executor(), "lamp-lighters", TaskScope::kOthersGoOn);
    scope.spawn(forever());
    scope.spawn(forever());
    EXPECT_NE(scopes_text().find("lamp-lighters: 1 scope, 2 tasks\n"), std::string::npos) << scopes_text();
    loop.run([](TaskScope& in) -> asio::awaitable<void> {
      in.cancel();
      co_await in.join();
    }(scope));
    EXPECT_NE(scopes_text().find("lamp-lighters: 1 scope, 0 tasks\n"), std::string::npos) << scopes_text();
  }
  EXPECT_EQ(scopes_text().find("lamp-lighters"), std::string::npos);
}

TEST(TaskScope, ReportsFailuresButNotCancellations) {
  const observe::LogCapture log;
  Loop loop;
  int failures = 0;
  TaskScope scope(loop.executor(), "paper-boys", [&](const std::exception_ptr&) { ++failures; });
  scope.spawn(fail());
  scope.spawn(forever());
  EXPECT_TRUE(loop.until([&] { return failures == 1; }));
  EXPECT_EQ(scope.size(), 1U) << "the others go on";
  EXPECT_TRUE(loop.end(scope));
  EXPECT_EQ(failures, 1);
  ASSERT_EQ(log.count("task-failed"), 1U);
  EXPECT_EQ(log.records().front().level, observe::Level::Err);
  EXPECT_EQ(log.records().front().field("task"), "paper-boys");
  EXPECT_EQ(log.records().front().field("why"), "refused");
}

TEST(TaskScope, LetsNobodyFailInSilence) {
  const observe::LogCapture log;
  Loop loop;
  TaskScope scope(loop.executor(), "loners", TaskScope::kOthersGoOn);
  scope.spawn(fail());
  scope.spawn([]() -> asio::awaitable<void> {
    co_await pause(1ms);
    throw 7;  // NOLINT: whatever somebody throws
  }());
  EXPECT_TRUE(loop.until([&] { return scope.empty(); }));
  EXPECT_EQ(log.count("task-failed"), 2U);
}

TEST(TaskScope, DeliversTheLevelOfACancellation) {
  Loop loop;
  TestScope scope(loop.executor());
  asio::cancellation_type seen{};
  scope.spawn([](asio::cancellation_type& out) -> asio::awaitable<void> {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    asio::steady_timer timer(co_await asio::this_coro::executor, 3600s);
    co_await timer.async_wait(no_throw);
    out = (co_await asio::this_coro::cancellation_state).cancelled();
  }(seen));
  scope.spawn(forever());
  loop.settle();
  loop.inside([&] { scope.cancel(asio::cancellation_type::total); });
  EXPECT_TRUE(loop.until([&] { return scope.size() == 1; })) << "only the child that opted in hears total";
  EXPECT_EQ(seen, asio::cancellation_type::total);
  EXPECT_TRUE(loop.end(scope));
}

TEST(TaskScopeDeathTest, AbortsWhenItIsDestroyedWithLiveChildren) {
  EXPECT_DEATH(
      {
        Loop loop;
        TestScope scope(loop.executor());
        scope.spawn(forever());
      },
      "broken invariant");
}

TEST(TaskScopeDeathTest, AbortsWhenItIsCancelledFromOutsideTheLoop) {
  EXPECT_DEATH(
      {
        Loop loop;
        TestScope scope(loop.executor());
        scope.spawn(forever());
        loop.settle();
        scope.cancel();
        loop.until([&] { return scope.empty(); });
      },
      "broken invariant");
}

TEST(DeadlineTimer, RearmingLaterDoesNotTouchTheLoop) {
  Loop loop;
  std::optional<TimePoint> fired;
  const auto start = now();
  DeadlineTimer timer(loop.executor(), [&](TimePoint at) { fired = at; });
  timer.arm(start + 20ms);
  for (int i = 0; i < 1000; ++i) timer.arm(start + 30ms + i * 10us);
  EXPECT_EQ(timer.waits_started(), 1U);
  EXPECT_TRUE(loop.until([&] { return fired.has_value(); }));
  EXPECT_GE(*fired - start, 39ms);
  EXPECT_EQ(timer.waits_started(), 2U);
}

TEST(DeadlineTimer, WhatIsDueWithinOneGrainSharesAWait) {
  Loop loop;
  std::optional<TimePoint> fired;
  const auto due = now() + 20ms;
  DeadlineTimer timer(loop.executor(), [&](TimePoint at) { fired = at; });
  for (auto early = kTimerGrain; early > Duration::zero(); early -= 10us) timer.arm(due + early);
  EXPECT_LE(timer.waits_started(), 2U) << "the grain may end once in between";
  EXPECT_TRUE(loop.until([&] { return fired.has_value(); }));
  EXPECT_GE(*fired, due) << "late by a grain at most, but never early";
}

TEST(DeadlineTimer, FiresEarlierWhenArmedEarlierAndNotAtAllWhenDisarmed) {
  Loop loop;
  int fired = 0;
  DeadlineTimer timer(loop.executor(), [&](TimePoint) { ++fired; });
  timer.arm(now() + 3600s);
  timer.arm(now() + 5ms);
  EXPECT_TRUE(loop.until([&] { return fired == 1; }));
  timer.arm(now() + 5ms);
  timer.arm(std::nullopt);
  loop.settle(30ms);
  EXPECT_EQ(fired, 1);
}

TEST(DeadlineTimer, MayBeDestroyedByItsOwnCallback) {
  Loop loop;
  bool fired = false;
  auto timer = std::unique_ptr<DeadlineTimer>();
  timer = std::make_unique<DeadlineTimer>(loop.executor(), [&](TimePoint) {
    timer.reset();
    fired = true;
  });
  timer->arm(now());
  EXPECT_FALSE(fired) << "never from inside arm()";
  EXPECT_TRUE(loop.until([&] { return fired; }));
}

TEST(NextTurn, CallsBackOnceHoweverOftenItWasAskedAndNeverAtOnce) {
  Loop loop;
  int called = 0;
  NextTurn turn(loop.executor(), [&](TimePoint) { ++called; });
  for (int i = 0; i < 100; ++i) turn.ask();
  EXPECT_EQ(called, 0) << "never from inside ask()";
  loop.settle(5ms);
  EXPECT_EQ(called, 1);
  turn.ask();
  loop.settle(5ms);
  EXPECT_EQ(called, 2);
}

TEST(NextTurn, MayAskAgainOrBeDestroyedByItsOwnCallback) {
  Loop loop;
  int called = 0;
  std::unique_ptr<NextTurn> turn;
  turn = std::make_unique<NextTurn>(loop.executor(), [&](TimePoint) {
    if (++called < 3) return turn->ask();
    turn.reset();
  });
  turn->ask();
  EXPECT_TRUE(loop.until([&] { return turn == nullptr; }));
  EXPECT_EQ(called, 3);
}

TEST(NextTurn, IsSilentOnceDestroyed) {
  Loop loop;
  int called = 0;
  auto turn = std::make_unique<NextTurn>(loop.executor(), [&](TimePoint) { ++called; });
  turn->ask();
  turn.reset();
  loop.settle(5ms);
  EXPECT_EQ(called, 0);
}

TEST(Signals, TheFirstDrainsAndTheSecondExits) {
  Loop loop;
  int drains = 0;
  int seconds = 0;
  int reloads = 0;
  Signals signals(loop.executor(),
                  {.on_drain = [&] { ++drains; }, .on_reload = [&] { ++reloads; }, .on_second = [&] { ++seconds; }});
  std::raise(SIGHUP);
  EXPECT_TRUE(loop.until([&] { return reloads == 1; }));
  std::raise(SIGTERM);
  EXPECT_TRUE(loop.until([&] { return drains == 1; }));
  EXPECT_EQ(seconds, 0);
  std::raise(SIGINT);
  EXPECT_TRUE(loop.until([&] { return seconds == 1; }));
  EXPECT_EQ(drains, 1);
}

}  // namespace
}  // namespace footbridge::io
