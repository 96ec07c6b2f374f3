// Sessions in weather that changes all the time: paths come, lose, delay, repeat, fall silent and close, streams of all
// sizes open, stall, end and are given up at either end, all at random. FB_SIM_SEEDS says how many worlds (default 60).
#include <cstdlib>
#include <gtest/gtest.h>

#include "core/session/page_pool.hpp"
#include "core/session/path_table.hpp"
#include "core/session/session_world.hpp"

namespace footbridge::core {
namespace {

constexpr int kTurns = 120;
constexpr std::size_t kMostPaths = 5;
// Both directions' windows, and the pages that are not full: one at each end of each stream's buffers.
constexpr std::size_t kMostMemory = 2 * kSessionWindow + 4 * kMaxStreams * kPageBytes;

std::uint64_t wanted_seeds() {
  const char* const given = std::getenv("FB_SIM_SEEDS");
  return given == nullptr ? 60 : std::strtoull(given, nullptr, 10);
}

class Mixed {
 public:
  explicit Mixed(std::uint64_t seed) : rng_(seed * 7'919), world_(seed) {
    world_.egress.on_event = [this](const SessionEvent& happened) {
      const auto* const opened = std::get_if<event::Opened>(&happened);
      if (opened == nullptr) return;
      down_[opened->stream] = rng_.between(0, 400'000);
      world_.egress.write(world_.now, opened->stream, down_[opened->stream], true);
    };
  }

  void run() {
    for (int turn = 0; turn < kTurns && !over(); ++turn) {
      deed();
      world_.run_for(Millis{rng_.between(0, 400)});
      check_bounds();
    }
    if (over()) return check_end();
    come_home();
  }

 private:
  bool chance(unsigned percent) { return rng_.between(1, 100) <= percent; }
  bool over() { return world_.client_session.ended() || world_.egress_session.ended(); }

  void deed() {
    switch (rng_.between(0, 9)) {
      case 0:
      case 1:
        if (paths_.size() < kMostPaths) paths_.push_back(world_.connect(weather()));
        break;
      case 2:
        if (!paths_.empty()) lose_path();
        break;
      case 3:
      case 4:
      case 5: open(); break;
      case 6: stall(); break;
      case 7: give_up(); break;
      case 8:
        if (!paths_.empty()) world_.freeze(paths_[rng_.between(0, paths_.size() - 1)], Millis{rng_.between(0, 5'000)});
        break;
      default: world_.run_for(Millis{rng_.between(0, 3'000)}); break;
    }
  }
  PathWeather weather() {
    PathWeather out;
    out.delay = Millis{rng_.between(1, 150)};
    out.jitter = Millis{rng_.between(0, 150)};
    out.loss = 0.01 * static_cast<double>(rng_.between(0, 25));
    out.duplicates = 0.01 * static_cast<double>(rng_.between(0, 20));
    out.spurious = 0.01 * static_cast<double>(rng_.between(0, 20));
    out.window = rng_.between(4, 100);
    constexpr std::array<std::size_t, 4> kSizes = {150, 1'108, 4'504, 9'032};
    out.packet_bytes = kSizes[rng_.between(0, 3)];
    return out;
  }
  void lose_path() {
    const auto at = paths_.begin() + static_cast<long>(rng_.between(0, paths_.size() - 1));
    if (chance(60)) {
      world_.kill(*at);  // silence first, and the news of it later
      world_.run_for(Millis{rng_.between(0, 2'000)});
    }
    world_.close(*at);
    paths_.erase(at);
  }
  void open() {
    if (streams_.size() >= kMaxStreams / 2 || !world_.client_session.stats().paths_added) return;
    const auto id = world_.open(rng_.between(1, 200));
    up_[id] = world_.client.outgoing[id].total + rng_.between(0, 200'000);
    world_.client.write(world_.now, id, up_[id] - world_.client.outgoing[id].total, true);
    streams_.push_back(id);
  }
  StreamId some_stream() { return streams_[rng_.between(0, streams_.size() - 1)]; }
  void stall() {
    if (streams_.empty()) return;
    auto& app = world_.app(chance(50) ? 1 : 0);
    if (app.stalled.empty() || chance(50)) {
      app.stalled.insert(some_stream());
      return;
    }
    const auto id = *app.stalled.begin();
    app.stalled.erase(id);
    app.read(world_.now, id);
  }
  void give_up() {
    if (streams_.empty() || chance(50)) return;
    const auto id = some_stream();
    given_up_.insert(id);
    auto& session = world_.session(chance(50) && down_.contains(id) ? 1 : 0);
    chance(50) ? session.reset(world_.now, id, ResetCode::Cancelled)
               : session.stop(world_.now, id, ResetCode::Cancelled);
    world_.settle();
  }

  void check_bounds() {
    for (const int end : {0, 1}) {
      EXPECT_LE(world_.most_memory[end], kMostMemory);
      EXPECT_LE(world_.session(end).path_count(), kMaxPaths);
      for (const auto& [id, in] : world_.app(end).incoming) {
        EXPECT_EQ(in.wrong, 0U) << "stream " << id;
        EXPECT_LE(in.finished, 1) << "stream " << id;
        EXPECT_LE(in.read, world_.app(1 - end).outgoing[id].written) << "stream " << id;
      }
    }
  }
  void check_end() {
    for (const int end : {0, 1})
      if (world_.app(end).ended) EXPECT_EQ(*world_.app(end).ended, EndReason::NoPath);
  }
  bool arrived(StreamId id) {
    if (given_up_.contains(id)) return true;
    const auto& up = world_.egress.incoming[id];
    const auto& down = world_.client.incoming[id];
    return up.read == up_[id] && up.finished == 1 && down.read == down_[id] && down.finished == 1;
  }
  // One path that works, and readers that read: everything arrives, and nothing is kept.
  void come_home() {
    paths_.push_back(world_.connect({Millis{20}, {}, 0, 0, 0, 256, 1'108}));
    for (const int end : {0, 1}) {
      auto& app = world_.app(end);
      const auto stalled = std::exchange(app.stalled, {});
      for (const auto id : stalled) app.read(world_.now, id);
    }
    const auto all_home = [this] { return std::ranges::all_of(streams_, [this](StreamId id) { return arrived(id); }); };
    EXPECT_TRUE(world_.run_until(all_home, Seconds{600}));
    check_bounds();
    world_.run_for(Seconds{60});
    for (const int end : {0, 1}) {
      EXPECT_EQ(world_.session(end).stats().streams_live, 0U);
      EXPECT_EQ(world_.session(end).stats().memory_bytes, 0U);
    }
  }

  SeededRng rng_;
  World world_;
  std::vector<std::size_t> paths_;
  std::vector<StreamId> streams_;
  std::map<StreamId, std::uint64_t> up_, down_;
  std::set<StreamId> given_up_;
};

TEST(SessionMixed, KeepsItsPromisesInAnyWeather) {
  for (std::uint64_t seed = 1; seed <= wanted_seeds() && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    Mixed(seed).run();
  }
}

}  // namespace
}  // namespace footbridge::core
