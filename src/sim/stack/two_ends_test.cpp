#include "sim/stack/two_ends.hpp"

#include <gtest/gtest.h>

namespace footbridge::sim {
namespace {

constexpr std::uint64_t kAsked = 300'000;

// A client that asks once, as soon as it has a session.
struct Download {
  explicit Download(std::uint64_t seed) : world(seed) {
    world.client.when_session = [this](SessionAtEnd& session) {
      session.app().ask(world.now(), 1'000, kAsked);
      session.touch();
    };
  }
  bool run(Duration most = Seconds{30}) {
    return world.run_until([this] { return done(); }, most);
  }
  bool done() { return world.client.session() != nullptr && world.client.session()->app().done() == 1; }
  TwoEnds world;
};

TEST(TwoEnds, DownloadsOverOnePath) {
  Download download(1);
  download.world.add_path(straight(Millis{50}, 10'000'000));
  ASSERT_TRUE(download.run());
  EXPECT_EQ(download.world.client.session()->app().bytes_read(), kAsked);
  EXPECT_EQ(download.world.client.session()->app().wrong_bytes(), 0U);
  EXPECT_EQ(download.world.egress_session()->app().bytes_read(), kRequestBytes + 1'000);
  EXPECT_EQ(download.world.egress_session()->app().wrong_bytes(), 0U);
}

TEST(TwoEnds, JoinsAllPathsToOneSession) {
  Download download(1);
  for (const int round_trip : {20, 50, 100}) download.world.add_path(straight(Millis{round_trip}, 10'000'000));
  download.world.run_for(Seconds{2});
  EXPECT_EQ(download.world.client.carrying(), 3U);
  EXPECT_EQ(download.world.egress.session_count(), 1U);
  EXPECT_EQ(download.world.egress_session()->session().path_count(), 3U);
}

TEST(TwoEnds, GoesOnWhenAPathIsCutInTheMiddle) {
  Download download(1);
  const auto first = download.world.add_path(straight(Millis{50}, 1'000'000));
  download.world.add_path(straight(Millis{80}, 1'000'000));
  download.world.run_for(Seconds{1});
  ASSERT_FALSE(download.done());
  download.world.pipe(first)->cut(true);
  ASSERT_TRUE(download.run());
  EXPECT_EQ(download.world.client.session()->app().wrong_bytes(), 0U);
}

TEST(TwoEnds, HaveTheSameTraceForTheSameSeed) {
  const auto hash_of = [](std::uint64_t seed) {
    Download download(seed);
    auto weather = straight(Millis{50}, 5'000'000);
    weather.back.loss = weather.forth.loss = 0.02;
    weather.back.jitter = Millis{10};
    for (int i = 0; i < 3; ++i) download.world.add_path(weather);
    EXPECT_TRUE(download.run());
    return download.world.trace.hash();
  };
  EXPECT_EQ(hash_of(5), hash_of(5));
  EXPECT_NE(hash_of(5), hash_of(6));
}

}  // namespace
}  // namespace footbridge::sim
