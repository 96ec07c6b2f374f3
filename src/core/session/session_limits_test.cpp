// What a session gives up, refuses and bounds: resets both ways, readers that stall, peers that break the rules.
#include <gtest/gtest.h>

#include "base/byte_writer.hpp"
#include "core/session/control_channel.hpp"
#include "core/session/path_table.hpp"
#include "core/session/session_world.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;

bool nothing_lives(World& world) {
  return world.client_session.stats().streams_live == 0 && world.egress_session.stats().streams_live == 0;
}

TEST(SessionReset, GivesUpBothDirectionsAndTellsTheOtherEndOnce) {
  World world;
  world.connect({Millis{20}, Millis{30}, 0.05, 0.05, 0.05});
  const auto id = world.open();
  world.client.write(world.now, id, 2 * kMiB, true);
  ASSERT_TRUE(world.run_until([&] { return world.egress.incoming[id].read > 100'000; }));
  world.egress.write(world.now, id, 2 * kMiB, true);
  ASSERT_TRUE(world.run_until([&] { return world.client.incoming[id].read > 50'000; }));
  world.egress_session.reset(world.now, id, ResetCode::ConnectionReset);
  ASSERT_TRUE(world.run_until([&] { return nothing_lives(world); }));
  EXPECT_EQ(world.client.resets[id], std::vector<ResetCode>{ResetCode::ConnectionReset});
  EXPECT_EQ(world.client.stops[id], std::vector<ResetCode>{ResetCode::ConnectionReset});
  EXPECT_TRUE(world.egress.resets[id].empty()) << "who gave up does not hear of it again";
  EXPECT_EQ(world.client.incoming[id].finished + world.egress.incoming[id].finished, 0);
  EXPECT_EQ(world.client_session.stats().memory_bytes + world.egress_session.stats().memory_bytes, 0U);
  EXPECT_EQ(world.client_session.write(world.now, id, as_bytes("x")), 0U);
  EXPECT_TRUE(world.client_session.peek(id).empty());
}

TEST(SessionReset, StopEndsTheOtherSidesWritingAndLeavesTheRest) {
  World world;
  world.connect();
  const auto id = world.open();
  world.run_for(Seconds{1});
  world.egress.write(world.now, id, 20 * kMiB, false);
  ASSERT_TRUE(world.run_until([&] { return world.client.incoming[id].read > kMiB; }));
  world.client_session.stop(world.now, id, ResetCode::Cancelled);
  ASSERT_TRUE(world.run_until([&] { return !world.egress.stops[id].empty(); }));
  EXPECT_EQ(world.egress.stops[id], std::vector<ResetCode>{ResetCode::Cancelled});
  world.client.write(world.now, id, 30'000, true);
  ASSERT_TRUE(world.run_until([&] { return world.egress.incoming[id].finished == 1; }));
  ASSERT_TRUE(world.run_until([&] { return nothing_lives(world); }));
  EXPECT_TRUE(world.client.resets[id].empty()) << "who stopped reading is not told that nothing comes";
}

TEST(SessionReset, GivesCreditBackForWhatNobodyWillRead) {
  World world;
  world.connect();
  for (int round = 0; round < 40; ++round) {  // together five times the session's window
    const auto id = world.open();
    world.egress.stalled.insert(id);
    world.client.write(world.now, id, kMiB, false);
    world.run_for(Millis{500});
    world.client_session.reset(world.now, id, ResetCode::Cancelled);
    world.run_for(Millis{500});
  }
  EXPECT_TRUE(nothing_lives(world));
  const auto id = world.open();
  world.client.write(world.now, id, kMiB, true);
  EXPECT_TRUE(world.run_until([&] { return world.egress.incoming[id].finished == 1; }));
}

TEST(SessionWindows, SuspendAWriterWhoseReaderStallsAndResumeIt) {
  World world;
  world.connect();
  const auto id = world.open();
  world.egress.stalled.insert(id);
  world.client.write(world.now, id, 20 * kMiB, true);
  world.run_for(Seconds{30});
  EXPECT_LE(world.most_memory[1], kInitialStreamWindow + 2 * 4096) << "the receiver holds what it granted";
  EXPECT_LE(world.client.outgoing[id].written, 2 * kInitialStreamWindow) << "the writer is suspended";
  const auto sent = world.client_session.stats().datagrams_sent;
  world.run_for(Seconds{60});
  EXPECT_EQ(world.client_session.stats().datagrams_sent, sent) << "and silent";
  world.egress.stalled.clear();
  world.egress.read(world.now, id);
  ASSERT_TRUE(world.run_until([&] { return world.egress.incoming[id].finished == 1; }));
  EXPECT_EQ(world.egress.incoming[id].wrong, 0U);
}

TEST(SessionWindows, GrowToFourMebibytesForAReaderThatKeepsUp) {
  World world;
  world.connect({Millis{200}, {}, 0, 0, 0, 4096});
  const auto id = world.open();
  world.client.write(world.now, id, 60 * kMiB, true);
  ASSERT_TRUE(world.run_until([&] { return world.egress.incoming[id].read > 30 * kMiB; }));
  const auto before = world.egress.incoming[id].read;
  world.run_for(Seconds{2});
  EXPECT_GE(world.egress.incoming[id].read - before, 4 * 3 * kMiB)
      << "three of four MiB of window per round trip at least";
}

TEST(SessionWindows, LeaveOtherStreamsRunningWhenSomeReadersStallWithFullWindows) {
  World world;
  world.connect({Millis{50}, {}, 0, 0, 0, 2048});
  std::vector<StreamId> paused;
  for (int i = 0; i < 6; ++i) {
    paused.push_back(world.open());
    world.client.write(world.now, paused.back(), 50 * kMiB, false);
  }
  world.run_for(Seconds{4});  // windows have grown
  for (const auto id : paused) world.egress.stalled.insert(id);
  world.run_for(Seconds{30});
  EXPECT_LE(world.most_memory[1], kSessionWindow + 2 * 6 * 4096);
  const auto id = world.open();
  world.client.write(world.now, id, 5 * kMiB, true);
  EXPECT_TRUE(world.run_until([&] { return world.egress.incoming[id].finished == 1; }, Seconds{10}));
}

// As many as a browser has connections, each with a download that nobody reads; slow and fast ones before them.
TEST(SessionWindows, LeaveOtherStreamsRunningHoweverManyReadersStall) {
  for (const std::size_t stalled : {32U, 250U}) {
    World world;
    world.connect({Millis{150}, {}, 0, 0, 0, 4096});
    const auto fast = world.open();  // then a paused video, with all that can be lent
    world.client.write(world.now, fast, 100 * kMiB, false);
    world.run_for(Seconds{8});
    world.egress.stalled.insert(fast);
    for (std::size_t i = 0; i < stalled; ++i) {
      const auto id = world.open();
      world.egress.stalled.insert(id);
      world.client.write(world.now, id, i % 2 == 0 ? 60'000 : kMiB, true);  // some end, and are unread as well
    }
    world.run_for(Seconds{10});
    const auto id = world.open();
    world.client.write(world.now, id, kMiB, true);
    EXPECT_TRUE(world.run_until([&] { return world.egress.incoming[id].finished == 1; }, Seconds{4}))
        << stalled << " readers stall";
    EXPECT_EQ(world.egress.incoming[id].wrong, 0U);
    EXPECT_LE(world.most_memory[1], kSessionWindow + 2 * (stalled + 2) * 4096);
    EXPECT_LE(world.most_memory[0], kSessionWindow + 2 * (stalled + 2) * 4096);
  }
}

TEST(SessionStreams, AreAtMost256AndTheEgressRefusesTheRest) {
  World world;
  world.connect();
  for (std::uint64_t i = 0; i < kMaxStreams; ++i) world.open();
  EXPECT_FALSE(world.client_session.open(world.now, {}));
  // A client that counts wrongly is told, stream by stream, and the session goes on.
  SessionConfig small = World::defaults();
  small.limits.max_streams = 2;
  World strict(1, small);
  strict.client_session.raise_peer_limits({0, 0, 4});
  strict.connect();
  for (int i = 0; i < 4; ++i) strict.open();
  strict.run_for(Seconds{2});
  EXPECT_EQ(strict.egress.opened.size(), 2U);
  EXPECT_EQ(strict.egress_session.stats().streams_refused, 2U);
  EXPECT_EQ(strict.client.resets[7], std::vector<ResetCode>{ResetCode::Limit});
  EXPECT_FALSE(strict.egress_session.ended());
}

TEST(SessionStreams, ThatCameAndWentLeaveRoomForOthers) {
  World world;
  world.connect({Millis{5}, Millis{5}, 0.02, 0, 0});
  world.egress.on_event = [&](const SessionEvent& happened) {
    if (const auto* opened = std::get_if<event::Opened>(&happened))
      world.egress.write(world.now, opened->stream, 300, true);
  };
  for (int i = 0; i < 2'000; ++i) {
    const auto id = world.open();
    world.client.write(world.now, id, 10, true);
    ASSERT_TRUE(world.run_until([&] { return world.client.incoming[id].finished == 1; }));
    world.client.incoming.erase(id);
  }
  ASSERT_TRUE(world.run_until([&] { return nothing_lives(world); }));
}

TEST(SessionMemory, SlowsWritersDownWhenTheServersBudgetIsSpent) {
  World world(1, World::defaults(), 100U << 10);
  world.connect({Millis{20}, {}, 0, 0, 0, 8});
  const auto id = world.open();
  world.client.write(world.now, id, kMiB, true);
  EXPECT_LE(world.client.outgoing[id].written, 75U << 10) << "a quarter is kept for what arrives";
  EXPECT_TRUE(world.run_until([&] { return world.egress.incoming[id].finished == 1; }));
  EXPECT_EQ(world.egress.incoming[id].wrong, 0U);
}

TEST(SessionMemory, EndsASessionThatCannotKeepWhatItGranted) {
  World world(1, World::defaults(), 100U << 10);
  world.connect();
  const auto id = world.open();
  world.egress.stalled.insert(id);
  world.client.write(world.now, id, kMiB, true);
  EXPECT_TRUE(world.run_until([&] { return world.egress.ended.has_value(); }));
  EXPECT_EQ(*world.egress.ended, EndReason::OutOfMemory);
}

// One end of a session whose other end is this test, byte by byte.
class Forged : public ::testing::Test {
 protected:
  Forged() : path(session.add_path(now)) {}
  Status<SessionErrc> feed(const std::function<void(wire::FrameWriter&)>& write) {
    Bytes out(2000);
    wire::FrameWriter frames(out);
    write(frames);
    return session.on_datagram(now, path, ByteView(out).first(frames.bytes()));
  }
  Status<SessionErrc> data(StreamId id, std::uint64_t offset, std::string_view text, bool fin = false) {
    return feed([&](wire::FrameWriter& out) {
      const auto slot = out.data(id, offset, text.size(), fin);
      std::ranges::copy(as_bytes(text), slot->payload.begin());
    });
  }
  Status<SessionErrc> record(const wire::Record& what) {
    const auto bytes = wire::encode_record(what);
    const auto status = data(0, said, as_text(bytes));
    said += bytes.size();
    return status;
  }
  void expect_violation(const Status<SessionErrc>& status) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error(), SessionErrc::Violation);
    EXPECT_TRUE(session.ended());
    EXPECT_FALSE(session.has_work(path));
    EXPECT_FALSE(session.deadline());
  }
  TimePoint now{};
  SeededRng rng{1};
  BoundedMemory memory{64U << 20};
  Session session{Session::Role::Egress, World::defaults(), rng, memory, now};
  PathId path;
  std::uint64_t said = 0;
};

TEST_F(Forged, DataBeyondTheStreamsLimitEndsTheSession) {
  EXPECT_TRUE(data(1, kInitialStreamWindow - 1, "x").ok());
  expect_violation(data(1, kInitialStreamWindow, "x"));
}

TEST_F(Forged, DataBeyondTheSessionsLimitEndsTheSession) {
  for (StreamId id = 1; id < 2 * 32; id += 2) ASSERT_TRUE(data(id, kInitialStreamWindow - 1, "x").ok()) << id;
  expect_violation(data(65, 0, "x"));
}

TEST_F(Forged, TwoFinalSizesEndTheSession) {
  ASSERT_TRUE(data(1, 0, "hello", true).ok());
  EXPECT_TRUE(data(1, 0, "hello", true).ok()) << "the same one again is a duplicate";
  expect_violation(data(1, 0, "hell", true));
}

TEST_F(Forged, DataBehindTheEndEndsTheSession) {
  ASSERT_TRUE(data(1, 10, "hello", true).ok());
  expect_violation(data(1, 15, "!"));
}

TEST_F(Forged, AnEndBeforeWhatHasArrivedEndsTheSession) {
  ASSERT_TRUE(data(1, 10, "hello").ok());
  expect_violation(data(1, 0, "hell", true));
}

TEST_F(Forged, AResetThatContradictsTheDataEndsTheSession) {
  ASSERT_TRUE(data(1, 10, "hello").ok());
  expect_violation(record(wire::ResetRecord{1, ResetCode::Cancelled, 14}));
}

TEST_F(Forged, AResetBeyondTheLimitEndsTheSession) {
  expect_violation(record(wire::ResetRecord{1, ResetCode::Cancelled, kInitialStreamWindow + 1}));
}

TEST_F(Forged, ConfirmingWhatWasNeverSentEndsTheSession) {
  ASSERT_TRUE(data(1, 0, "hello").ok());
  session.write(now, 1, as_bytes("answer"));
  expect_violation(feed([](wire::FrameWriter& out) { ASSERT_TRUE(out.window({1, 1, 500'000})); }));
}

TEST_F(Forged, AStreamOfTheEgressDoesNotExistYet) { expect_violation(data(2, 0, "x")); }

TEST_F(Forged, TooManyStreamsAtOnceEndTheSession) {
  EXPECT_TRUE(data(2 * 512 - 1, 0, "x").ok()) << "511 numbers were overtaken";
  expect_violation(data(2 * 512 + 1, 0, "x"));
}

TEST_F(Forged, AFarStreamNumberEndsTheSessionWithoutMakingTheOthers) {
  expect_violation(data(wire::kMaxStreamId, 0, "x"));
  EXPECT_EQ(session.stats().streams_live, 0U);
}

TEST_F(Forged, TooMuchOnTheControlStreamEndsTheSession) {
  EXPECT_TRUE(data(0, kControlWindow - 1, "x").ok());
  expect_violation(data(0, kControlWindow, "x"));
}

TEST_F(Forged, AnUnknownRecordEndsTheSession) { expect_violation(data(0, 0, std::string_view("\x09\x00", 2))); }

TEST_F(Forged, GoAwayFromAClientEndsTheSession) { expect_violation(record(wire::GoAwayRecord{5})); }

TEST_F(Forged, AnUnknownFrameClosesThePathOnly) {
  const auto bytes = std::to_array<std::byte>({std::byte{0x77}, std::byte{0}});
  EXPECT_EQ(session.on_datagram(now, path, bytes).error(), SessionErrc::Malformed);
  EXPECT_FALSE(session.ended());
}

TEST_F(Forged, IgnorableFramesAndRecordsAndFlowsChangeNothing) {
  EXPECT_TRUE(feed([](wire::FrameWriter& out) { ASSERT_TRUE(out.ignorable(0x4f, as_bytes("anything"))); }).ok());
  EXPECT_TRUE(feed([](wire::FrameWriter& out) { ASSERT_TRUE(out.flow({3, as_bytes("packet")})); }).ok());
  EXPECT_TRUE(feed([](wire::FrameWriter& out) { ASSERT_TRUE(out.pad()); }).ok());
  EXPECT_TRUE(record(wire::IgnorableRecord{0x55}).ok());
  EXPECT_FALSE(session.poll());
  EXPECT_EQ(session.stats().flows.dropped_not_agreed, 1U);
}

TEST_F(Forged, ManyHolesAreBounded) {
  const auto fill = [&] {
    for (std::uint64_t at = 1; at < kInitialStreamWindow; at += 2)
      if (auto status = data(1, at, "x"); !status) return status;
    return Status<SessionErrc>{};
  };
  expect_violation(fill());
  EXPECT_LE(session.stats().memory_bytes, kInitialStreamWindow + 4096);
}

TEST_F(Forged, AStreamThatWasResetBeforeItsFirstByteIsNeverShown) {
  ASSERT_TRUE(record(wire::ResetRecord{3, ResetCode::Cancelled, 0}).ok());
  EXPECT_FALSE(session.poll());
  ASSERT_TRUE(data(1, 0, "x").ok()) << "the number it overtook is still good";
  EXPECT_TRUE(std::holds_alternative<event::Opened>(session.poll().value()));
}

// I7: an announcement that nobody confirms is repeated every 50 ms, and not more often.
TEST_F(Forged, WindowsAreRepeatedUntilConfirmed) {
  ASSERT_TRUE(data(1, 0, "hello").ok());
  Bytes out(1132);
  EXPECT_FALSE(session.has_work(path)) << "small progress waits for company";
  std::vector<TimePoint> said_at;
  DatagramId last = 0;
  for (int i = 0; i < 5; ++i) {
    now = session.deadline().value();
    session.on_deadline(now);
    ASSERT_TRUE(session.has_work(path));
    last = session.pull(now, path, out).value().id;
    EXPECT_FALSE(session.has_work(path));
    said_at.push_back(now);
  }
  EXPECT_EQ(said_at[0].time_since_epoch(), Millis{25});
  for (std::size_t i = 1; i < said_at.size(); ++i) EXPECT_EQ(said_at[i] - said_at[i - 1], Millis{50});
  session.on_fate(now, path, last - 1, DatagramFate::Acked);
  EXPECT_FALSE(session.deadline()) << "an older copy said the same";
}

// I7, I10: of two paths the one that was heard lately; when neither was, the one heard last.
TEST_F(Forged, WindowsGoByAPathThatWasHeardLately) {
  const auto lively = session.add_path(now);
  ASSERT_TRUE(data(1, 0, "hello").ok());
  now += kRecentlyHeard + Millis{1};
  session.on_path_stats(now, lively, {Millis{50}, {}, 0, 1, now});
  session.on_deadline(now);
  EXPECT_FALSE(session.has_work(path));
  EXPECT_TRUE(session.has_work(lively));
  now += kRecentlyHeard + Millis{1};
  session.on_deadline(now);
  EXPECT_FALSE(session.has_work(path));
  EXPECT_TRUE(session.has_work(lively)) << "nobody was heard lately, and it was the last";
}

TEST_F(Forged, ALostAnnouncementIsRepeatedAtOnceOnWhateverPathThereIs) {
  ASSERT_TRUE(data(1, 0, "hello").ok());
  Bytes out(1132);
  now += Millis{25};
  session.on_deadline(now);
  const auto first = session.pull(now, path, out).value().id;
  const auto second_path = session.add_path(now);
  session.on_fate(now, path, first, DatagramFate::Lost);
  EXPECT_TRUE(session.has_work(second_path));
  session.pull(now, second_path, out);
  session.path_closed(now, second_path);
  EXPECT_TRUE(session.has_work(path));
}

}  // namespace
}  // namespace footbridge::core
