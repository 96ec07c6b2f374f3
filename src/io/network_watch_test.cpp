// In a network namespace of its own, where addresses and routes may be changed.
#include "io/network_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <gtest/gtest.h>
#include <optional>
#include <sched.h>
#include <string>

#include "io/clock.hpp"

namespace footbridge::io {
namespace {

constexpr Duration kQuiet = 2 * kNetworkSettle;

struct NetworkWatchTest : ::testing::Test {
  void SetUp() override {
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root for a network namespace";
    ip("link set lo up");
    ip("link add here type veth peer name there");
    ip("link set there up");
    ip("link set here up");
    watch.emplace(context.get_executor(), [this](TimePoint) { ++told; });
    ASSERT_TRUE(watch->watching());
    run(kQuiet);  // interfaces find addresses of their own
    told = 0;
  }
  static void ip(const std::string& words) { ASSERT_EQ(std::system(("ip " + words).c_str()), 0) << words; }
  void run(Duration limit) {
    context.restart();
    context.run_for(limit);
  }
  bool run_until_told(int times) {
    const auto until = now() + Seconds{5};
    while (told < times && now() < until) {
      context.restart();
      context.run_one_for(Millis{10});
    }
    run(kQuiet);  // and no more
    return told == times;
  }
  asio::io_context context{1};
  std::optional<NetworkWatch> watch;
  int told = 0;
};

TEST_F(NetworkWatchTest, TellsOnceOfAnotherAddressAndOnceOfAnotherWayOut) {
  ip("addr add 10.7.0.2/24 dev here");
  EXPECT_TRUE(run_until_told(1)) << told;
  ip("addr add 10.7.1.2/24 dev here");
  ip("addr del 10.7.0.2/24 dev here");
  EXPECT_TRUE(run_until_told(2)) << "one change in several notices; told " << told;
  ip("route add default via 10.7.1.1");
  EXPECT_TRUE(run_until_told(3)) << told;
  ip("route del default");
  EXPECT_TRUE(run_until_told(4)) << told;
}

TEST_F(NetworkWatchTest, SaysNothingOfWhatLeadsTheSameWay) {
  ip("addr add 10.7.0.2/24 dev here");
  EXPECT_TRUE(run_until_told(1)) << told;
  ip("route add 10.8.0.0/16 via 10.7.0.1");
  ip("addr change 10.7.0.2/24 dev here valid_lft 1000 preferred_lft 1000");
  run(kQuiet);
  EXPECT_EQ(told, 1);
}

TEST_F(NetworkWatchTest, SaysNothingOnceDestroyed) {
  ip("addr add 10.7.0.2/24 dev here");
  run(Millis{20});
  watch.reset();
  run(kQuiet);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace footbridge::io
