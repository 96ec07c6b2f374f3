// What a session keeps of its own when nobody ever answers: no acknowledgement, no window, no reader.
#include <gtest/gtest.h>

#include "core/session/path_ledger.hpp"
#include "core/session/path_table.hpp"
#include "core/session/session_parts.hpp"
#include "core/session/session_world.hpp"

namespace footbridge::core {
namespace {

TEST(SessionBounds, APathWithoutNewsOfItsDatagramsIsAskedForNoMoreThanItsLedgerHolds) {
  World world;
  const auto path = world.client_session.add_path(world.now);
  for (std::uint64_t i = 0; i < 40; ++i) world.client.write(world.now, world.open(), kInitialStreamWindow, false);
  Bytes smallest(kLeastDatagram);
  std::size_t pulled = 0;
  while (world.client_session.has_work(path) && pulled <= 2 * kMaxUnderWay) {
    if (!world.client_session.pull(world.now, path, smallest)) break;
    ++pulled;
  }
  EXPECT_LE(pulled, kMaxUnderWay);
  EXPECT_GE(pulled, kMaxUnderWay / 2) << "something else held it back";
  EXPECT_FALSE(world.client_session.has_work(path));
  world.client_session.on_fate(world.now, path, 1, DatagramFate::Acked);
  EXPECT_TRUE(world.client_session.has_work(path)) << "news make room";
}

TEST(SessionBounds, MorePathsThanTheBoundCarryNothing) {
  World world;
  for (std::size_t i = 0; i < kMaxPaths; ++i) EXPECT_NE(world.client_session.add_path(world.now), PathId{});
  const auto surplus = world.client_session.add_path(world.now);
  EXPECT_EQ(surplus, PathId{});
  EXPECT_EQ(world.client_session.path_count(), kMaxPaths);
  world.open();
  Bytes out(1'108);
  EXPECT_FALSE(world.client_session.has_work(surplus));
  EXPECT_FALSE(world.client_session.pull(world.now, surplus, out));
}

TEST(SessionBounds, AWriterGetsNoMoreMemoryThanItsPeersWindowsAndALittleAhead) {
  World world;
  world.connect();
  const auto id = world.open();
  world.egress.stalled.insert(id);
  world.client.write(world.now, id, 4 * kMaxStreamWindow, false);
  world.run_for(Seconds{30});
  EXPECT_LT(world.client.outgoing[id].written, 2 * kMaxStreamWindow);
  EXPECT_LE(world.most_memory[0], kMaxStreamWindow + kSendAhead + 4 * kPageBytes);
  EXPECT_LE(world.most_memory[1], kMaxStreamWindow + 4 * kPageBytes);
}

// Who asked for room and got none waits for Writable; a write of nothing, as of a buffer that is empty, is no answer.
TEST(SessionWindows, WakeAWriterWhoAskedForRoomAndThenWroteNothing) {
  World world;
  world.connect();
  const auto id = world.open();
  world.run_for(Seconds{1});
  bool writable = false;
  world.client.on_event = [&](const SessionEvent& e) { writable |= std::holds_alternative<event::Writable>(e); };
  while (const auto room = world.client_session.room(id))
    ASSERT_EQ(world.client_session.write(world.now, id, Bytes(room)), room);
  EXPECT_EQ(world.client_session.write(world.now, id, {}), 0U);
  EXPECT_TRUE(world.run_until([&] { return writable; }));
}

}  // namespace
}  // namespace footbridge::core
