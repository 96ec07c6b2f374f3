#include "observe/metrics.hpp"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace footbridge::observe {
namespace {

enum class Outcome : std::uint8_t { Matched, Expired };
std::string_view name(Outcome outcome) { return outcome == Outcome::Matched ? "matched" : "expired"; }

TEST(Metrics, AreWrittenAsPrometheusText) {
  Registry registry;
  const auto matches = registry.counters("footbridge_broker_matches_total", "Offers by how they ended.", "outcome",
                                         std::array{Outcome::Matched, Outcome::Expired});
  matches[Outcome::Matched].add(3);
  registry.gauge("footbridge_proxy_clients", "People helped now.").set(-2);
  auto& wait = registry.histogram("footbridge_broker_match_wait_seconds", "From offer to match.", {0.1, 1, 10});
  wait.observe(0.1);
  wait.observe(Duration(std::chrono::milliseconds(500)));
  wait.observe(99);
  registry.gauge_from("footbridge_log_lines", "A value read at the scrape.", [] { return 1.5; });
  registry.info("footbridge_build_info", "What this is.", "version", "0.1.0");
  EXPECT_EQ(registry.expose(),
            "# HELP footbridge_broker_matches_total Offers by how they ended.\n"
            "# TYPE footbridge_broker_matches_total counter\n"
            "footbridge_broker_matches_total{outcome=\"matched\"} 3\n"
            "footbridge_broker_matches_total{outcome=\"expired\"} 0\n"
            "# HELP footbridge_proxy_clients People helped now.\n"
            "# TYPE footbridge_proxy_clients gauge\n"
            "footbridge_proxy_clients -2\n"
            "# HELP footbridge_broker_match_wait_seconds From offer to match.\n"
            "# TYPE footbridge_broker_match_wait_seconds histogram\n"
            "footbridge_broker_match_wait_seconds_bucket{le=\"0.1\"} 1\n"
            "footbridge_broker_match_wait_seconds_bucket{le=\"1\"} 2\n"
            "footbridge_broker_match_wait_seconds_bucket{le=\"10\"} 2\n"
            "footbridge_broker_match_wait_seconds_bucket{le=\"+Inf\"} 3\n"
            "footbridge_broker_match_wait_seconds_sum 99.6\n"
            "footbridge_broker_match_wait_seconds_count 3\n"
            "# HELP footbridge_log_lines A value read at the scrape.\n"
            "# TYPE footbridge_log_lines gauge\n"
            "footbridge_log_lines 1.5\n"
            "# HELP footbridge_build_info What this is.\n"
            "# TYPE footbridge_build_info gauge\n"
            "footbridge_build_info{version=\"0.1.0\"} 1\n");
  EXPECT_EQ(registry.series(), 2U + 1 + 6 + 1 + 1);
}

TEST(Metrics, AreWrittenAsOpenMetricsForWhoWantsThat) {
  Registry registry;
  registry.counters_from("footbridge_broker_matches_total", "Offers by how they ended.", "outcome",
                         std::array{Outcome::Matched, Outcome::Expired},
                         std::function([](Outcome o) -> std::uint64_t { return o == Outcome::Matched ? 3 : 0; }));
  registry.gauges_from("footbridge_broker_waiting", "Who waits.", "outcome", std::array{Outcome::Matched},
                       std::function([](Outcome) { return 2.5; }));
  const auto wait = registry.histograms("footbridge_broker_match_wait_seconds", "From offer to match.", "outcome",
                                        std::array{Outcome::Matched}, {0.5, 1});
  wait[Outcome::Matched].observe(1.0);
  registry.info("footbridge_build_info", "What this is.", "version", "0.1.0");
  EXPECT_EQ(registry.expose(Exposition::OpenMetrics),
            "# HELP footbridge_broker_matches Offers by how they ended.\n"
            "# TYPE footbridge_broker_matches counter\n"
            "footbridge_broker_matches_total{outcome=\"matched\"} 3\n"
            "footbridge_broker_matches_total{outcome=\"expired\"} 0\n"
            "# HELP footbridge_broker_waiting Who waits.\n"
            "# TYPE footbridge_broker_waiting gauge\n"
            "footbridge_broker_waiting{outcome=\"matched\"} 2.5\n"
            "# HELP footbridge_broker_match_wait_seconds From offer to match.\n"
            "# TYPE footbridge_broker_match_wait_seconds histogram\n"
            "footbridge_broker_match_wait_seconds_bucket{outcome=\"matched\",le=\"0.5\"} 0\n"
            "footbridge_broker_match_wait_seconds_bucket{outcome=\"matched\",le=\"1.0\"} 1\n"
            "footbridge_broker_match_wait_seconds_bucket{outcome=\"matched\",le=\"+Inf\"} 1\n"
            "footbridge_broker_match_wait_seconds_sum{outcome=\"matched\"} 1\n"
            "footbridge_broker_match_wait_seconds_count{outcome=\"matched\"} 1\n"
            "# HELP footbridge_build What this is.\n"
            "# TYPE footbridge_build info\n"
            "footbridge_build_info{version=\"0.1.0\"} 1\n"
            "# EOF\n");
}

TEST(Metrics, OfTwoEnginesInOneProcessAreTwo) {
  struct Engine {
    Registry registry;
    Counter& helped = registry.counter("footbridge_proxy_clients_helped_total", "People helped.");
  };
  Engine one;
  Engine other;
  const auto before = other.registry.expose();
  one.helped.add(3);
  EXPECT_EQ(one.helped.value(), 3U);
  EXPECT_EQ(other.registry.expose(), before);
}

TEST(Metrics, CountFromManyThreadsWithoutLoss) {
  Registry registry;
  auto& bytes = registry.counter("footbridge_proxy_relayed_bytes_total", "Bytes.");
  auto& seconds = registry.histogram("footbridge_link_setup_seconds", "Seconds.", {1});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) bytes.add(2), seconds.observe(0.5);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(bytes.value(), 80'000U);
  EXPECT_EQ(seconds.bucket(0), 40'000U);
  EXPECT_DOUBLE_EQ(seconds.sum(), 20'000.0);
}

using MetricsDeathTest = ::testing::Test;

// As many labels as a peer would bring who could make them.
enum class Many : std::uint16_t {};
std::string name(Many one) { return std::to_string(static_cast<int>(one)); }

TEST(MetricsDeathTest, RefuseMoreSeriesThanTheCap) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto fill = [](std::size_t more) {
    Registry registry;
    std::array<Many, kMaxSeries - 10> values{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<Many>(i);
    registry.gauges("footbridge_labelled", "h", "label", values);
    std::initializer_list<double> bounds = {1, 2, 3, 4, 5, 6, 7};
    registry.histogram("footbridge_a_seconds", "h", bounds);
    if (more > 0) registry.gauge("footbridge_more", "h");
    return registry.series();
  };
  EXPECT_EQ(fill(0), kMaxSeries);
  EXPECT_DEATH(fill(1), "kMaxSeries");
}

TEST(MetricsDeathTest, RefuseTheSameSeriesTwice) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Registry registry;
  registry.counter("footbridge_a_total", "h");
  EXPECT_DEATH(registry.counter("footbridge_a_total", "h"), "broken invariant");
  EXPECT_DEATH(registry.counter_from("footbridge_a_total", "h", [] { return std::uint64_t{1}; }), "broken invariant");
}

}  // namespace
}  // namespace footbridge::observe
