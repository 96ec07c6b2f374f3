// The small classes of the session, each against a plain model of itself.
#include <gtest/gtest.h>
#include <set>

#include "core/session/control_channel.hpp"
#include "core/session/sender.hpp"

namespace footbridge::core {
namespace {

std::vector<bool> bits(const RangeSet& set, std::size_t size) {
  std::vector<bool> out(size);
  std::uint64_t last_end = 0;
  for (const auto& range : set.ranges()) {
    EXPECT_LT(range.begin, range.end);
    EXPECT_TRUE(last_end == 0 || range.begin > last_end) << "neighbours are merged";
    last_end = range.end;
    for (auto at = range.begin; at < range.end; ++at) out.at(at) = true;
  }
  return out;
}

TEST(RangeSet, BehavesLikeASetOfNumbers) {
  SeededRng rng(3);
  constexpr std::size_t kSize = 60;
  RangeSet set;
  std::vector<bool> model(kSize);
  for (int step = 0; step < 20'000; ++step) {
    const auto begin = rng.between(0, kSize - 1);
    const Range range{begin, rng.between(begin, std::min<std::uint64_t>(begin + 12, kSize))};
    const bool adding = rng.between(0, 1) == 1;
    adding ? set.add(range) : set.remove(range);
    for (auto at = range.begin; at < range.end; ++at) model[at] = adding;
    ASSERT_EQ(bits(set, kSize), model) << "step " << step;
    std::uint64_t overlap = 0;
    for (auto at = begin; at < kSize; ++at) overlap += model[at];
    ASSERT_EQ(set.overlap({begin, kSize}), overlap);
  }
}

class StreamTest : public ::testing::Test {
 protected:
  SeededRng rng{5};
  BoundedMemory memory{32U << 20};
  PagePool pool{memory};
};

TEST_F(StreamTest, ReceivesAnyOrderAnyOverlapAndKeepsNoPageAfterwards) {
  for (int round = 0; round < 50; ++round) {
    ReceiveStream stream(pool, 1U << 20);
    const auto total = rng.between(1, 60'000);
    Bytes bytes(static_cast<std::size_t>(total));
    rng.fill(bytes);
    Bytes read;
    while (stream.state() != ReceiveStream::State::Drained) {
      const auto begin = rng.between(read.size() > 500 ? read.size() - 500 : 0, total);
      const auto end = rng.between(begin, std::min(begin + 3'000, total));
      const auto piece = ByteView(bytes).subspan(begin, end - begin);
      ASSERT_TRUE(stream.on_data(begin, piece, end == total).ok());
      while (rng.between(0, 2) > 0 && stream.unread() > 0) {
        const auto some = stream.peek();
        const auto count = rng.between(1, some.size());
        append(read, some.first(count));
        stream.consume(count);
      }
    }
    EXPECT_EQ(read, bytes);
    EXPECT_EQ(stream.contiguous(), total + 1);
    EXPECT_EQ(pool.live_bytes(), 0U);
  }
}

TEST_F(StreamTest, SendsAgainOnlyWhatNobodyCovers) {
  SendStream stream(pool, 1U << 20);
  stream.write(Bytes(100), 100);
  stream.finish();
  const auto piece = stream.fresh(1'000).value();
  stream.on_sent(piece, {0, 101});
  stream.on_acked({20, 40});
  RangeSet covered;
  covered.add({60, 80});
  stream.requeue({0, 101}, covered);
  EXPECT_EQ(stream.queued().ranges(), (std::vector<Range>{{0, 20}, {40, 60}, {80, 101}}));
  stream.requeue({0, 101}, covered);
  EXPECT_EQ(stream.queued().ranges().size(), 3U) << "saying it twice changes nothing";
  stream.on_acked({40, 60});
  EXPECT_TRUE(stream.on_window(90, 1U << 20));
  EXPECT_EQ(stream.queued().ranges(), (std::vector<Range>{{90, 101}}));
  const auto again = stream.again(PathId{1}).value();
  EXPECT_EQ(again.bytes, 10U);
  EXPECT_TRUE(again.end);
  EXPECT_FALSE(stream.on_window(102, 1U << 20)) << "was never sent";
  EXPECT_TRUE(stream.on_window(101, 1U << 20));
  EXPECT_EQ(stream.state(), SendStream::State::Confirmed);
  EXPECT_EQ(pool.live_bytes(), 0U);
}

TEST_F(StreamTest, KeepsBytesThatQuicAckedUntilThePeersSessionConfirms) {
  SendStream stream(pool, 1U << 20);
  stream.write(Bytes(10'000), 10'000);
  stream.on_sent(stream.fresh(10'000).value(), {0, 10'000});
  stream.on_acked({0, 10'000});
  EXPECT_EQ(stream.buffered(), 10'000U);
  EXPECT_TRUE(stream.on_window(10'000, 1U << 20));
  EXPECT_EQ(stream.buffered(), 0U);
}

TEST_F(StreamTest, SendsOnlyTheUnconfirmedRestOfWhatWasOverdue) {
  SendStream stream(pool, 1U << 20);
  constexpr std::size_t kBytes = 4 * kPageBytes;
  stream.write(Bytes(kBytes), kBytes);
  stream.on_sent(stream.fresh(kBytes).value(), {0, kBytes});
  stream.on_acked({3 * kPageBytes, kBytes});
  stream.send_besides({0, 3 * kPageBytes}, PathId{1});
  EXPECT_FALSE(stream.again(PathId{1})) << "it is under way there";
  EXPECT_TRUE(stream.on_window(kPageBytes + 10, 1U << 20));
  const auto piece = stream.again(PathId{2}).value();
  EXPECT_EQ(piece.offset, kPageBytes + 10);
  EXPECT_EQ(piece.bytes, 2 * kPageBytes - 10);
  Bytes out(piece.bytes);
  stream.copy(piece.offset, out);
  EXPECT_TRUE(stream.on_window(kBytes, 1U << 20));
  EXPECT_FALSE(stream.has_again());
}

TEST(PagePool, GivesWhatOneSessionLeavesToTheNextAndCountsItForNobody) {
  BoundedMemory memory{2 * kPageBytes};
  PagePool one(memory);
  PagePool other(memory);
  auto page = one.take(MemoryUse::Sending);
  const auto* const where = page.get();
  EXPECT_EQ(other.take(MemoryUse::Sending), nullptr) << "the budget is for all";
  one.give_back(std::move(page));
  EXPECT_EQ(memory.used_bytes(), 0U);
  page = other.take(MemoryUse::Sending);
  EXPECT_EQ(page.get(), where);
  other.give_back(std::move(page));
}

TEST(WindowLedger, LendsNearlyAllToOneStreamAndSharesAmongMany) {
  WindowLedger ledger({kInitialStreamWindow, kSessionWindow, kMaxStreams});
  std::vector<StreamWindow> streams;
  std::vector<std::uint64_t> consumed;
  const auto run = [&] {
    for (int round = 0; round < 200; ++round)
      for (std::size_t i = 0; i < streams.size(); ++i) {
        consumed[i] += (streams[i].limit - consumed[i]) / 2;
        const auto before = streams[i].limit;
        ledger.advance(streams[i], consumed[i], 0);
        ASSERT_GE(streams[i].limit, before) << "limits only grow";
      }
    ASSERT_LE(ledger.lent(), kSessionWindow / 2);
  };
  streams.push_back(ledger.begin_stream());
  consumed.push_back(0);
  run();
  EXPECT_EQ(streams[0].limit - consumed[0], kMaxStreamWindow);
  for (int i = 0; i < 3; ++i) {
    streams.push_back(ledger.begin_stream());
    consumed.push_back(0);
  }
  run();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_GE(streams[i].limit - consumed[i], 2 * kInitialStreamWindow) << i;
  for (auto& stream : streams) ledger.end_stream(stream);
  EXPECT_EQ(ledger.lent(), 0U);
}

TEST(WindowLedger, DoesNotLendToAReaderThatLags) {
  WindowLedger ledger({kInitialStreamWindow, kSessionWindow, kMaxStreams});
  auto stream = ledger.begin_stream();
  for (std::uint64_t consumed = 0; consumed < (20U << 20); consumed += 10'000)
    ledger.advance(stream, consumed, kInitialStreamWindow - 20'000);
  EXPECT_EQ(stream.window, kInitialStreamWindow);
  EXPECT_EQ(ledger.lent(), 0U);
}

// The cover rule (I2) checked position by position after every step of a random life with three paths.
class CoverTest : public StreamTest {
 protected:
  void check(const Stream& stream) {
    RangeSet all;
    all.add({0, 1U << 30});
    const auto cover = paths.cover_of(stream.id, all);
    for (auto at = stream.send.confirmed(); at < stream.send.next(); ++at) {
      const Range one{at, at + 1};
      ASSERT_TRUE(cover.contains(one) || stream.send.acked().contains(one) || stream.send.queued().contains(one))
          << "position " << at << " of stream " << stream.id << " is forgotten";
    }
  }
  TimePoint now{};
  SessionStats stats;
  WindowLedger windows{{kInitialStreamWindow, kSessionWindow, kMaxStreams}};
  PathTable paths;
  ControlChannel control{pool, rng, now};
  StreamTable streams{true, pool, windows};
  Sender sender{paths, streams, control.stream(), stats};
};

TEST_F(CoverTest, NoPositionIsEverForgotten) {
  streams.set_send_limit(1U << 20);
  sender.raise_session_limit(now, 8U << 20);
  std::vector<PathId> ids;
  std::vector<std::pair<PathId, DatagramId>> sent;
  for (int i = 0; i < 3; ++i) ids.push_back(paths.add(now).id);
  for (int i = 0; i < 3; ++i) streams.open(now);
  for (int step = 0; step < 6'000; ++step) {
    auto& stream = *streams.find(1 + 2 * rng.between(0, 2));
    auto& id = ids[rng.between(0, 2)];
    auto& path = *paths.find(id);
    now += Millis{rng.between(0, 4)};
    sender.on_deadline(now);  // what is overdue and holds up others goes out twice
    switch (rng.between(0, 9)) {
      case 0:
        stream.send.write(Bytes(rng.between(1, 200)), 200);
        sender.wake(now, stream);
        break;
      case 1:
      case 2:
      case 3:
      case 4: {
        if (path.suspect()) break;
        Bytes out(rng.between(64, 200));
        wire::FrameWriter writer(out);
        const auto datagram = path.ledger.next_datagram();
        sender.fill(now, path, writer);
        path.ledger.close_datagram();
        sent.emplace_back(id, datagram);
        break;
      }
      case 5:
      case 6: {
        if (sent.empty()) break;
        const auto [on, datagram] = sent[rng.between(0, sent.size() - 1)];
        auto* told = paths.find(on);
        if (told == nullptr) break;
        const auto pieces = told->ledger.take(datagram);
        rng.between(0, 2) == 0 ? sender.on_lost(now, pieces) : sender.on_acked(pieces);
        break;
      }
      case 7: {
        const auto up_to = rng.between(stream.send.confirmed(), stream.send.confirmed() + 100);
        // The peer confirms only what it may have: what is acked without a gap.
        const Range more{stream.send.confirmed(), up_to};
        const bool has_it = !more.empty() && stream.send.acked().contains(more);
        ASSERT_TRUE(!has_it || stream.send.on_window(up_to, up_to + (1U << 20)));
        break;
      }
      case 8:
        path.silence = path.suspect() ? Silence::None : Silence::Suspect;
        path.suspect() ? sender.reinject(now, path) : sender.trust(path);
        break;
      default: {
        if (rng.between(0, 9) != 0) break;
        const auto gone = paths.remove(id);
        sender.reinject(now, *gone);
        id = paths.add(now).id;
      }
    }
    streams.for_each([&](const Stream& each) { check(each); });
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(stats.bytes_reinjected, 1'000U);
}

}  // namespace
}  // namespace footbridge::core
