// On loopback, with a STUN server of the test's own.
#include "programs/nat_keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <set>
#include <vector>

#include "io/clock.hpp"
#include "io/test_scope.hpp"
#include "io/test_stun_server.hpp"

namespace footbridge {
namespace {

using core::NatVerdict;

constexpr Seconds kLimit{20};  // a loaded machine's
constexpr Millis kQuiet{100};  // in which nothing happens that must not; never enough for what must

struct NatKeeperTest : ::testing::Test {
  NatKeeper::Terms terms() {
    return {.stun_servers = {server.place()}, .tests = core::NatTests::MappingOnly, .allow_private = true};
  }
  bool run_until(std::size_t reports) {
    const auto until = io::now() + kLimit;
    while (told.size() < reports && io::now() < until) {
      context.restart();
      context.run_one_for(Millis{50});
    }
    return told.size() >= reports;
  }
  void run(Duration limit) {
    context.restart();
    context.run_for(limit);
  }

  bool run_until_passed(int count) {
    const auto until = io::now() + kLimit;
    while (passed < count && io::now() < until) {
      context.restart();
      context.run_one_for(Millis{50});
    }
    return passed == count;
  }

  asio::awaitable<void> wait(Duration limit) {
    co_await keeper.first_result(limit);
    ++passed;
  }

  asio::io_context context{1};
  SeededRng rng{3};
  io::TestStunServer server{context};
  std::vector<NatVerdict> told;
  int passed = 0;
  NatKeeper keeper{context.get_executor(), rng,
                   [this](TimePoint, const core::NatReport& report) { told.push_back(report.verdict()); }};
};

TEST_F(NatKeeperTest, AsksNobodyBeforeItIsTold) {
  run(kQuiet);
  keeper.on_network_change(io::now());
  run(kQuiet);
  EXPECT_TRUE(server.askers.empty());
  EXPECT_TRUE(told.empty());
}

TEST_F(NatKeeperTest, TellsWhatItFoundOutOnce) {
  keeper.start(io::now(), terms());
  ASSERT_TRUE(run_until(1));
  run(kQuiet);
  EXPECT_EQ(told, std::vector{NatVerdict::Moderate});
}

TEST_F(NatKeeperTest, ClaimsNothingOfANewNetworkAndDoesNotHurryToAsk) {
  keeper.start(io::now(), terms());
  ASSERT_TRUE(run_until(1));
  const auto asked = server.askers.size();
  keeper.on_network_change(io::now());
  keeper.on_network_change(io::now());
  run(kQuiet);
  EXPECT_EQ(told, (std::vector{NatVerdict::Moderate, NatVerdict::Unmeasured}));
  EXPECT_EQ(server.askers.size(), asked) << "it has just begun one, and may not begin another for half a minute";
}

TEST_F(NatKeeperTest, LetsAFirstRequestWaitForTheFirstResultOnly) {
  server.silent = true;
  io::TestScope scope(context.get_executor());
  scope.spawn(wait(kLimit));
  EXPECT_TRUE(run_until_passed(1)) << "there is nobody to ask";
  keeper.start(io::now(), terms());
  scope.spawn(wait(Millis{20}));
  EXPECT_TRUE(run_until_passed(2)) << "the limit is over";
  scope.spawn(wait(kLimit));
  run(kQuiet);
  EXPECT_TRUE(passed == 2 || !told.empty()) << "a stall may have ended the measurement";
  server.silent = false;
  ASSERT_TRUE(run_until(1));
  EXPECT_TRUE(run_until_passed(3));
  run(kQuiet);
  EXPECT_TRUE(scope.empty());
}

TEST_F(NatKeeperTest, LetsAFirstRequestWaitLongerWhileNoServerHasAnswered) {
  std::vector<std::pair<Endpoint, bool>> news;
  auto asked = terms();
  // Ports on which nobody answers, before the one that does: the keeper shuffles, so they are many.
  io::TestStunServer dead(context);
  dead.silent = true;
  asked.stun_servers.assign({dead.at(0), dead.at(1), dead.at(2), dead.at(3), server.place()});
  asked.on_server = [&](const Endpoint& which, bool answers) { news.emplace_back(which, answers); };
  keeper.start(io::now(), asked);
  io::TestScope scope(context.get_executor());
  const auto begin = io::now();
  scope.spawn(wait(Millis{1}));
  ASSERT_TRUE(run_until_passed(1));
  if (io::now() - begin >= kNatFirstAnswer) return;  // a stall of this machine: the limit was over
  ASSERT_FALSE(news.empty()) << "and not with nothing";
  EXPECT_EQ(news.back(), std::pair(server.place(), true));
}

TEST(NatRecheck, ComesLaterEachTimeWhereNobodyAnswersAndInNoBeat) {
  SeededRng rng{5};
  NatRecheck recheck(rng);
  const auto within = [](Seconds wait, Seconds least) { return wait >= least && wait <= least + least / 2; };
  std::set<Seconds> waits;
  auto least = kNoUdpRecheck;
  for (int i = 0; i < 12; ++i) {
    const auto wait = recheck.next(true);
    EXPECT_TRUE(within(wait, least)) << i;
    waits.insert(wait);
    least = std::min(2 * least, kNatRecheck);
  }
  EXPECT_EQ(least, kNatRecheck);
  EXPECT_GT(waits.size(), 10U);
  EXPECT_TRUE(within(recheck.next(false), kNatRecheck));
  EXPECT_TRUE(within(recheck.next(true), kNoUdpRecheck)) << "it answered meanwhile";
  recheck.next(true);
  recheck.forget();
  EXPECT_TRUE(within(recheck.next(true), kNoUdpRecheck)) << "another network";
}

}  // namespace
}  // namespace footbridge
