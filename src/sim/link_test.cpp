#include "sim/link.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace footbridge::sim {
namespace {

constexpr TimePoint kStart{Seconds{100}};
constexpr int kMany = 20'000;

LinkWeather calm(Duration delay = Millis{20}) {
  LinkWeather out;
  out.delay = delay;
  return out;
}

// Sends `count` messages of a kilobyte, one each millisecond; answers how many did not arrive.
int lost_of(Link& link, int count, std::size_t bytes = 1'000) {
  int lost = 0;
  for (int i = 0; i < count; ++i) lost += link.send(kStart + Millis{i}, bytes).empty() ? 1 : 0;
  return lost;
}

TEST(Link, DeliversOnceAfterItsDelay) {
  Link link(calm(), 1);
  const auto arrivals = link.send(kStart, 100);
  ASSERT_EQ(arrivals.size(), 1U);
  EXPECT_EQ(arrivals[0], kStart + Millis{20});
  EXPECT_EQ(link.queued_bytes(kStart), 0U);
}

TEST(Link, SendsOneMessageAfterTheOtherAtItsRate) {
  auto weather = calm();
  weather.bytes_per_second = 1'000'000;
  Link link(weather, 1);
  EXPECT_EQ(link.send(kStart, 1'000)[0], kStart + Millis{21});
  EXPECT_EQ(link.send(kStart, 1'000)[0], kStart + Millis{22});
  EXPECT_EQ(link.queued_bytes(kStart), 2'000U);
  EXPECT_EQ(link.drained_at(), kStart + Millis{2});
  EXPECT_EQ(link.queued_bytes(kStart + Millis{1}), 1'000U);
  EXPECT_EQ(link.send(kStart + Millis{10}, 1'000)[0], kStart + Millis{31}) << "an idle wire saves nothing up";
}

TEST(Link, DropsWhatDoesNotFitIntoItsQueue) {
  auto weather = calm();
  weather.bytes_per_second = 1'000'000;
  weather.queue_bytes = 3'000;
  Link link(weather, 1);
  EXPECT_EQ(lost_of(link, 1), 0);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(link.send(kStart, 1'000).empty());
  EXPECT_TRUE(link.send(kStart, 1'000).empty());
  EXPECT_EQ(link.counters().dropped, 1U);
  EXPECT_FALSE(link.send(kStart + Millis{1}, 1'000).empty()) << "a place is free when one has left";
}

TEST(Link, ChargesTheOverheadOfEachFragment) {
  auto weather = calm(Duration{});
  weather.bytes_per_second = 1'000'000;
  weather.fragment_bytes = 1'000;
  weather.overhead_bytes = 500;
  Link link(weather, 1);
  EXPECT_EQ(link.send(kStart, 1'000)[0], kStart + std::chrono::microseconds{1'500});
  EXPECT_EQ(link.send(kStart + Seconds{1}, 1'001)[0], kStart + Seconds{1} + std::chrono::microseconds{2'001});
}

TEST(Link, LosesTheShareItIsTold) {
  auto weather = calm();
  weather.loss = 0.1;
  Link link(weather, 1);
  EXPECT_NEAR(lost_of(link, kMany), 0.1 * kMany, 0.01 * kMany);
}

TEST(Link, LosesAMessageWithAnyOfItsFragments) {
  auto weather = calm();
  weather.loss = 0.01;
  weather.fragment_bytes = 1'000;
  Link link(weather, 1);
  EXPECT_NEAR(lost_of(link, kMany, 8'000), (1 - 0.9227) * kMany, 0.01 * kMany);  // 1 − 0.99^8
}

TEST(Link, LosesInBurstsOfTheExpectedLength) {
  auto weather = calm();
  weather.bursts = {0.01, 0.2, 1};
  Link link(weather, 1);
  int lost = 0, bursts = 0;
  bool before = false;
  constexpr int kMessages = 10 * kMany;
  for (int i = 0; i < kMessages; ++i) {
    const bool is_lost = link.send(kStart + Millis{i}, 100).empty();
    lost += is_lost ? 1 : 0;
    bursts += is_lost && !before ? 1 : 0;
    before = is_lost;
  }
  EXPECT_NEAR(static_cast<double>(lost) / bursts, 1 / 0.2, 0.4) << "messages of a burst";
  EXPECT_NEAR(lost, kMessages * 0.01 / (0.01 + 0.2), 0.01 * kMessages);
}

TEST(Link, KeepsTheOrderUnderJitterWhenToldTo) {
  auto weather = calm();
  weather.jitter = Millis{50};
  for (const bool keeps : {true, false}) {
    weather.keeps_order = keeps;
    Link link(weather, 1);
    int overtaken = 0;
    TimePoint last{};
    for (int i = 0; i < 1'000; ++i) {
      const auto at = link.send(kStart + Millis{i}, 100)[0];
      EXPECT_GE(at, kStart + Millis{i + 20});
      overtaken += at < last ? 1 : 0;
      last = at;
    }
    EXPECT_EQ(overtaken == 0, keeps);
  }
}

TEST(Link, RepeatsAndHoldsBackTheShareItIsTold) {
  auto weather = calm();
  weather.duplicates = 0.05;
  weather.reordered = 0.2;
  Link link(weather, 1);
  int doubled = 0, late = 0;
  for (int i = 0; i < kMany; ++i) {
    const auto arrivals = link.send(kStart + Seconds{i}, 100);
    ASSERT_FALSE(arrivals.empty());
    doubled += arrivals.size() == 2 ? 1 : 0;
    late += arrivals[0] > kStart + Seconds{i} + Millis{20} ? 1 : 0;
    for (const auto at : arrivals) EXPECT_LE(at, kStart + Seconds{i} + Millis{20} + 2 * weather.held_back);
  }
  EXPECT_NEAR(doubled, 0.05 * kMany, 0.01 * kMany);
  EXPECT_NEAR(late, 0.2 * kMany, 0.01 * kMany);
  EXPECT_EQ(link.counters().doubled, static_cast<std::uint64_t>(doubled));
}

TEST(Link, SwallowsEverythingWhileItIsCut) {
  Link link(calm(), 1);
  link.cut(true);
  EXPECT_EQ(lost_of(link, 10), 10);
  link.cut(false);
  EXPECT_EQ(lost_of(link, 10), 0);
  EXPECT_EQ(link.counters().cut, 10U);
}

TEST(Link, TakesNoMessageAboveItsLimit) {
  auto weather = calm();
  weather.max_message_bytes = 1'200;
  Link link(weather, 1);
  EXPECT_FALSE(link.send(kStart, 1'200).empty());
  EXPECT_TRUE(link.send(kStart, 1'201).empty());
  EXPECT_EQ(link.counters().too_long, 1U);
}

TEST(Link, DoesTheSameForTheSameSeed) {
  LinkWeather weather = calm();
  weather.jitter = Millis{5};
  weather.loss = 0.1;
  weather.bursts = {0.01, 0.3, 0.9};
  weather.duplicates = weather.reordered = 0.1;
  weather.bytes_per_second = 1'000'000;
  const auto run = [&](std::uint64_t seed) {
    Link link(weather, seed);
    std::vector<TimePoint> all;
    for (int i = 0; i < 1'000; ++i)
      for (const auto at : link.send(kStart + Millis{i}, 900)) all.push_back(at);
    return all;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace footbridge::sim
