// The two ends of the session's window in a random life: what the sender takes, what the receiver lends, and that both
// together never spend what is assured to others.
#include "core/session/window_shares.hpp"

#include <gtest/gtest.h>
#include <optional>

#include "base/rng.hpp"
#include "core/session/window_ledger.hpp"

namespace footbridge::core {
namespace {

constexpr wire::SessionLimits kLimits{kInitialStreamWindow, kSessionWindow, kMaxStreams};

// One stream, seen from both ends. Bytes arrive at once; announced limits travel for a while.
struct Both {
  WindowShare share;    // the sender's
  StreamWindow window;  // the receiver's
  std::uint64_t sent = 0;
  std::uint64_t consumed = 0;
  std::uint64_t limit = kInitialStreamWindow;  // as the sender knows it
};

class SharesTest : public ::testing::Test {
 protected:
  SharesTest() {
    shares.set_peer(kLimits);
    for (std::size_t i = 0; i < kMaxStreams; ++i) begin();
  }
  void begin() {
    streams.emplace_back();
    streams.back().window = ledger.begin_stream();
  }
  std::uint64_t credit() const { return ledger.session_limit() - received; }
  std::uint64_t may_send(const Both& stream) const {
    const auto stop = std::min(stream.limit, shares.stop(stream.share, stream.limit, credit()));
    return stop > stream.sent ? stop - stream.sent : 0;
  }
  void send(Both& stream, std::uint64_t bytes) {
    stream.sent += bytes;
    received += bytes;
    ASSERT_TRUE(ledger.on_received(bytes)) << "the session's limit is broken";
    shares.update(stream.share, stream.sent, stream.limit);
  }
  void consume(Both& stream, std::uint64_t bytes) {
    stream.consumed += bytes;
    ledger.on_consumed(bytes);
    ledger.advance(stream.window, stream.consumed, stream.sent - stream.consumed);
  }
  void announce(Both& stream) {
    stream.limit = stream.window.limit;
    shares.update(stream.share, stream.sent, stream.limit);
  }
  void replace(Both& stream) {  // reset by both ends
    ledger.on_consumed(stream.sent - stream.consumed);
    ledger.end_stream(stream.window);
    shares.release(stream.share);
    stream = {};
    stream.window = ledger.begin_stream();
  }

  WindowLedger ledger{kLimits};
  WindowShares shares;
  std::vector<Both> streams;
  std::uint64_t received = 0;
};

TEST_F(SharesTest, AssureEveryStreamItsPartInEveryLife) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRng rng(seed);
    // How often readers read differs between lives: some are all but stalled, in some one in sixteen keeps up.
    const auto laziness = rng.between(0, 3);
    for (int step = 0; step < 40'000; ++step) {
      auto& stream = streams[rng.between(0, 1) == 0 ? rng.between(0, 15) : rng.between(0, streams.size() - 1)];
      const bool keeps_up = (&stream - streams.data()) % 16 == 0;
      switch (rng.between(0, 5)) {
        case 0:
        case 1:
        case 2: send(stream, std::min(may_send(stream), rng.between(1, 300'000))); break;
        case 3:
          if (keeps_up || rng.between(0, laziness * 20) == 0)
            consume(stream, keeps_up ? stream.sent - stream.consumed : rng.between(0, stream.sent - stream.consumed));
          break;
        case 4: announce(stream); break;
        case 5:
          if (rng.between(0, 200) == 0) replace(stream);
          break;
      }
      if (HasFatalFailure()) return;
      ASSERT_LE(shares.shared(), kSessionWindow / 4);
      ASSERT_LE(ledger.lent(), kSessionWindow / 2);
      const auto& any = streams[rng.between(0, streams.size() - 1)];
      const auto owed = any.share.occupied < kAssuredBytes ? kAssuredBytes - any.share.occupied : 0;
      ASSERT_GE(may_send(any), owed) << "seed " << seed << " step " << step;
      ASSERT_GE(credit(), owed) << "seed " << seed << " step " << step;
    }
    for (auto& stream : streams) replace(stream);
    ASSERT_EQ(shares.shared() + ledger.lent(), 0U);
    ASSERT_EQ(credit(), kSessionWindow);
  }
}

TEST_F(SharesTest, GiveAFewStreamsTheirWholeFirstWindowsAndEachOneMoreAFifthOfTheRest) {
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(may_send(streams[i]), kInitialStreamWindow) << i;
    send(streams[i], kInitialStreamWindow);
  }
  EXPECT_TRUE(shares.scarce(credit()));
  for (std::size_t i = 4; i < 12; ++i) {
    const auto rest = kSessionWindow / 4 - shares.shared();
    EXPECT_EQ(may_send(streams[i]), kAssuredBytes + rest / kShareParts);
    send(streams[i], may_send(streams[i]));
    EXPECT_EQ(may_send(streams[i]), 0U);
  }
}

TEST_F(SharesTest, TakeNothingOfWhatIsLent) {
  auto& fast = streams[0];
  while (fast.limit - fast.consumed < kMaxStreamWindow) {
    send(fast, may_send(fast));
    consume(fast, fast.sent - fast.consumed);
    announce(fast);
  }
  EXPECT_EQ(fast.share.occupied, 0U);
  EXPECT_EQ(may_send(fast), kMaxStreamWindow);
  send(fast, may_send(fast));
  EXPECT_EQ(fast.share.occupied, kInitialStreamWindow);
}

// Bytes of streams that are over at the sender and unread at the receiver: only the session's credit tells of them.
TEST_F(SharesTest, LeaveTheAssuredQuarterToOthersWhenCreditIsSpentOutOfSight) {
  received = kSessionWindow * 3 / 4;
  ASSERT_TRUE(ledger.on_received(received));
  EXPECT_EQ(may_send(streams[0]), kAssuredBytes);
}

TEST_F(SharesTest, LimitNothingWhenThePeerGrantsLessThanIsAssured) {
  WindowShares small;
  small.set_peer({4096, kSessionWindow, kMaxStreams});
  EXPECT_EQ(small.stop({}, 4096, 0), kNoStop);
  EXPECT_FALSE(small.scarce(0));
}

TEST(WindowLedger, LendsEarlyToAReaderThatKeepsUpInACrowd) {
  WindowLedger ledger(kLimits);
  auto stream = ledger.begin_stream();
  ledger.advance(stream, kJudgedInACrowd, 0);
  EXPECT_EQ(stream.window, kInitialStreamWindow) << "nobody else waits";
  ASSERT_TRUE(ledger.on_received(kSessionWindow / kCrowdPart + 1));
  ledger.advance(stream, kJudgedInACrowd, 0);
  EXPECT_EQ(stream.window, 2 * kInitialStreamWindow);
  EXPECT_EQ(ledger.measure_of(stream), stream.window) << "lent to";
  EXPECT_EQ(ledger.measure_of(ledger.begin_stream()), kMeasureInACrowd);
  ledger.advance(stream, 2 * kJudgedInACrowd, 0);
  EXPECT_EQ(stream.window, 2 * kInitialStreamWindow) << "from then on by whole windows";
}

}  // namespace
}  // namespace footbridge::core
