// On loopback, with a STUN server of the test's own.
#include "programs/nat_keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <vector>

#include "io/clock.hpp"
#include "io/test_scope.hpp"
#include "io/test_stun_server.hpp"

namespace footbridge {
namespace {

using core::NatVerdict;

constexpr Seconds kLimit{20};  // a loaded machine's
constexpr Millis kQuiet{100};  // in which nothing happens that must not

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
  run(kQuiet);
  EXPECT_EQ(passed, 1) << "there is nobody to ask";
  keeper.start(io::now(), terms());
  scope.spawn(wait(Millis{20}));
  run(kQuiet);
  EXPECT_EQ(passed, 2) << "the limit is over";
  scope.spawn(wait(kLimit));
  run(kQuiet);
  EXPECT_EQ(passed, 2);
  server.silent = false;
  ASSERT_TRUE(run_until(1));
  run(kQuiet);
  EXPECT_EQ(passed, 3);
  EXPECT_TRUE(scope.empty());
}

}  // namespace
}  // namespace footbridge
