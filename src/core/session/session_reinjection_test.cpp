// What is sent a second time, when, and where: pieces that hold up others, and pieces of paths that changed.
#include <gtest/gtest.h>

#include "core/session/sender.hpp"
#include "core/session/session_world.hpp"

namespace footbridge::core {
namespace {

// The sending end alone; the test is its paths and its peer.
class Reinjection : public ::testing::Test {
 protected:
  Reinjection() {
    for (auto& path : paths) path = session.add_path(now);
    heard_all();
    id = session.open(now, as_bytes("header")).value();
    EXPECT_EQ(session.write(now, id, Bytes(20'000)), 20'000U);
  }
  void heard_all() {
    for (const auto path : paths) session.on_path_stats(now, path, {Millis{50}, Millis{5}, 0, 1, now});
  }
  std::vector<wire::DataFrame> pull(PathId path, std::size_t bytes = 1'000) {
    packet.resize(bytes);
    const auto pulled = session.pull(now, path, packet);
    if (!pulled) return {};
    last = pulled->id;
    std::vector<wire::DataFrame> out;
    wire::FrameReader reader(ByteView(packet).first(pulled->bytes));
    for (auto frame = reader.next(); frame && *frame; frame = reader.next())
      if (const auto* data = std::get_if<wire::DataFrame>(&**frame)) out.push_back(*data);
    return out;
  }
  void pass(Duration time) {
    now += time;
    heard_all();
    session.on_deadline(now);
  }
  TimePoint now{Seconds{1}};
  SeededRng rng{1};
  BoundedMemory memory{64U << 20};
  Session session{Session::Role::Client, World::defaults(), rng, memory, now};
  PathId paths[2];
  StreamId id = 0;
  Bytes packet;
  DatagramId last = 0;
};

TEST_F(Reinjection, SendsWhatHoldsUpOthersOnAnotherPathOnceItIsOverdue) {
  ASSERT_EQ(pull(paths[0]).at(0).offset, 0U);
  const auto on_time = now + Millis{50 + 2 * 5} + kOverdueMargin;
  const auto behind = pull(paths[1]).at(0).offset;
  ASSERT_GT(behind, 0U);
  while (session.has_work(paths[1])) pull(paths[1]);
  EXPECT_NE(session.deadline(), on_time) << "nothing waits for it yet";
  pass(Millis{50});
  session.on_fate(now, paths[1], 1, DatagramFate::Acked);
  EXPECT_EQ(session.deadline(), on_time);
  pass(on_time - now - Duration{1});
  EXPECT_FALSE(session.has_work(paths[1]));
  pass(Duration{1});
  EXPECT_FALSE(session.has_work(paths[0])) << "not again where it is under way";
  ASSERT_TRUE(session.has_work(paths[1]));
  const auto again = pull(paths[1]);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].offset, 0U);
  EXPECT_EQ(again[0].payload.size(), behind);
  pass(Seconds{1});
  EXPECT_FALSE(session.has_work(paths[1])) << "a second time, not a third";
}

TEST_F(Reinjection, SplitsWhatTheOtherPathCannotCarryInOnePacket) {
  ASSERT_EQ(pull(paths[0], 4'000).at(0).offset, 0U);
  const auto behind = pull(paths[1], 500).at(0).offset;
  session.on_fate(now, paths[1], last, DatagramFate::Acked);
  while (session.has_work(paths[1])) pull(paths[1], 500);
  pass(Millis{80});
  std::uint64_t at = 0;
  while (session.has_work(paths[1]))
    for (const auto& piece : pull(paths[1], 500)) {
      EXPECT_EQ(piece.offset, at);
      at += piece.payload.size();
    }
  EXPECT_EQ(at, behind);
}

TEST_F(Reinjection, LeavesAnOnlyPathToQuic) {
  session.path_closed(now, paths[1]);
  pull(paths[0]);
  pull(paths[0]);
  session.on_fate(now, paths[0], 2, DatagramFate::Acked);
  while (session.has_work(paths[0])) pull(paths[0]);
  now += Millis{85};
  session.on_path_stats(now, paths[0], {Millis{50}, Millis{5}, 0, 1, now});
  session.on_deadline(now);
  EXPECT_FALSE(session.has_work(paths[0]));
}

TEST_F(Reinjection, RepeatsNothingOnAPathThatIsTrustedAgain) {
  session.path_closed(now, paths[1]);
  while (session.has_work(paths[0])) pull(paths[0]);
  now = *session.deadline();
  session.on_deadline(now);
  ASSERT_EQ(session.stats().paths_suspected, 1U);
  EXPECT_FALSE(session.has_work(paths[0]));
  heard_all();
  EXPECT_FALSE(session.has_work(paths[0])) << "all is still under way there";
  session.write(now, id, Bytes(500));
  EXPECT_EQ(pull(paths[0]).at(0).offset, 20'006U) << "and it carries at once";
  EXPECT_EQ(session.stats().bytes_reinjected, 0U);
}

TEST_F(Reinjection, PutsTheOldestFirstBeforeAnythingNew) {
  for (int i = 0; i < 4; ++i) pull(paths[0]);
  session.on_fate(now, paths[0], 3, DatagramFate::Lost);
  session.on_fate(now, paths[0], 2, DatagramFate::Lost);
  const auto first = pull(paths[1]).at(0);
  const auto second = pull(paths[1]).at(0);
  const auto third = pull(paths[1]).at(0);
  EXPECT_LT(first.offset, second.offset);
  EXPECT_LT(second.offset, third.offset) << "what was never sent comes last";
  EXPECT_EQ(session.stats().bytes_reinjected, first.payload.size() + second.payload.size());
}

// A young stream waits for the fast path while that serves it; not for ever, and not since the stream's birth.
TEST_F(Reinjection, AYoungStreamThatHasSomethingToSayAfterALongTimePrefersTheFastPathAgain) {
  while (session.has_work(paths[0])) pull(paths[0]);
  now += Seconds{5};
  for (const auto path : paths) session.on_path_stats(now, path, {Millis{path == paths[0] ? 20 : 200}, {}, 0, 0, now});
  session.write(now, id, Bytes(500));
  EXPECT_FALSE(session.has_work(paths[1]));
  ASSERT_TRUE(session.deadline());
  EXPECT_EQ(*session.deadline() - now, Millis{200}) << "as long as the slow path would have taken";
  EXPECT_TRUE(session.has_work(paths[0]));
  now += Millis{200};
  session.on_deadline(now);
  EXPECT_TRUE(session.has_work(paths[1]));
}

}  // namespace
}  // namespace footbridge::core
