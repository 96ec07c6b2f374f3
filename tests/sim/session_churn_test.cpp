// Volunteers that vanish without a word, again and again: a session over four paths, each of which dies silently after
// a random life and is replaced 1.5 s later, with a download that never ends and a request of 20 KB every moment. No
// byte changes, no request is stuck, the download never stands still for long. FB_SIM_SEEDS: worlds per kind (default
// 6).
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

#include "core/session/session_world.hpp"

namespace footbridge::core {
namespace {

constexpr std::size_t kPaths = 4;
constexpr Duration kReplacedAfter = Millis{1'500};
constexpr Duration kOneRun = Seconds{30};
constexpr std::uint64_t kRequestBytes = 20'000;
constexpr std::uint64_t kEndless = std::uint64_t{1} << 40;

std::uint64_t wanted_seeds() {
  const char* const given = std::getenv("FB_SIM_SEEDS");
  return given == nullptr ? 6 : std::strtoull(given, nullptr, 10);
}

class Churn {
 public:
  Churn(std::uint64_t seed, Duration mean_life) : rng_(seed * 104'729), world_(seed), mean_life_(mean_life) {
    for (std::size_t i = 0; i < kPaths; ++i) begin_path();
    download_ = world_.open();
    world_.egress.on_event = [this](const SessionEvent& happened) {
      const auto* const opened = std::get_if<event::Opened>(&happened);
      if (opened == nullptr) return;
      const bool bulk = opened->stream == download_;
      world_.egress.write(world_.now, opened->stream, bulk ? kEndless : kRequestBytes, !bulk);
    };
    world_.client.on_event = [this](const SessionEvent& happened) {
      if (const auto* const readable = std::get_if<event::Readable>(&happened)) note_progress(readable->stream);
      if (const auto* const done = std::get_if<event::Finished>(&happened)) note_answer(done->stream);
    };
  }

  void run() {
    const auto stop = world_.now + kOneRun;
    auto next_request = world_.now + Millis{500};
    while (world_.now < stop) {
      auto until = std::min(stop, next_request);
      for (const auto& path : paths_) until = std::min(until, path.dies_at);
      if (!to_begin_.empty()) until = std::min(until, to_begin_.front());
      world_.run_for(until - world_.now);
      if (world_.now >= next_request) {
        ask();
        next_request = world_.now + Millis{rng_.between(100, 150)};
      }
      end_and_begin_paths();
    }
    world_.run_for(Seconds{10});  // what was asked for last; paths live on
    EXPECT_TRUE(asked_at_.empty()) << asked_at_.size() << " requests are stuck";
    EXPECT_EQ(world_.client.incoming[download_].wrong, 0U);
  }

  Duration longest_gap{};
  Duration slowest_answer{};
  std::size_t deaths = 0;
  std::size_t answers = 0;

 private:
  struct Mortal {
    std::size_t number = 0;
    TimePoint dies_at{};
  };
  void begin_path() {
    PathWeather weather;
    weather.delay = Millis{rng_.between(10, 100)};
    weather.jitter = Millis{rng_.between(0, 10)};
    weather.loss = 0.002;
    weather.window = rng_.between(16, 64);
    const auto chance = static_cast<double>(rng_.between(1, 1'000'000)) / 1e6;
    const auto life = std::chrono::duration_cast<Duration>(-std::log(chance) * mean_life_);
    paths_.push_back({world_.connect(weather), world_.now + life});
  }
  void end_and_begin_paths() {
    std::erase_if(paths_, [this](const Mortal& path) {
      if (path.dies_at > world_.now) return false;
      world_.kill(path.number);
      ++deaths;
      dead_.push_back(path.number);
      to_begin_.push_back(world_.now + kReplacedAfter);
      return true;
    });
    while (!to_begin_.empty() && to_begin_.front() <= world_.now) {
      to_begin_.erase(to_begin_.begin());
      world_.close(dead_.front());  // whoever replaces it gives it up
      dead_.erase(dead_.begin());
      begin_path();
    }
  }
  void ask() {
    const auto id = world_.open();
    asked_at_[id] = world_.now;
  }
  void note_progress(StreamId id) {
    if (id != download_) return;
    if (moved_at_) longest_gap = std::max(longest_gap, world_.now - *moved_at_);
    moved_at_ = world_.now;
  }
  void note_answer(StreamId id) {
    const auto asked = asked_at_.find(id);
    if (asked == asked_at_.end()) return;
    EXPECT_EQ(world_.client.incoming[id].read, kRequestBytes);
    EXPECT_EQ(world_.client.incoming[id].wrong, 0U);
    slowest_answer = std::max(slowest_answer, world_.now - asked->second);
    ++answers;
    world_.client_session.finish(world_.now, id);
    asked_at_.erase(asked);
  }

  SeededRng rng_;
  World world_;
  Duration mean_life_;
  std::vector<Mortal> paths_;
  std::vector<std::size_t> dead_;
  std::vector<TimePoint> to_begin_;
  StreamId download_ = 0;
  std::optional<TimePoint> moved_at_;
  std::map<StreamId, TimePoint> asked_at_;
};

void live_through(Duration mean_life, Duration most_gap, Duration most_answer) {
  Duration gap{}, answer{};
  std::size_t deaths = 0, answers = 0;
  for (std::uint64_t seed = 1; seed <= wanted_seeds() && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    Churn churn(seed, mean_life);
    churn.run();
    EXPECT_LE(churn.longest_gap, most_gap);
    EXPECT_LE(churn.slowest_answer, most_answer);
    gap = std::max(gap, churn.longest_gap);
    answer = std::max(answer, churn.slowest_answer);
    deaths += churn.deaths;
    answers += churn.answers;
  }
  const auto ms = [](Duration time) { return std::chrono::duration_cast<Millis>(time).count(); };
  std::printf("deaths=%zu answers=%zu longest-gap=%lld ms slowest-answer=%lld ms\n", deaths, answers,
              static_cast<long long>(ms(gap)), static_cast<long long>(ms(answer)));
}

TEST(SessionChurn, GoesOnWhileVolunteersLiveFifteenSeconds) { live_through(Seconds{15}, Millis{1'200}, Millis{3'000}); }

TEST(SessionChurn, GoesOnWhileVolunteersLiveFiveSeconds) { live_through(Seconds{5}, Millis{2'000}, Millis{4'000}); }

}  // namespace
}  // namespace footbridge::core
