#include "core/proxy/rate_limit.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "core/path/packet_sizes.hpp"
#include "core/proxy/paced_pipe.hpp"
#include "core/proxy/relay.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kRate = 100'000;  // bytes per second
constexpr std::size_t kMessageBytes = 1'000;

// A pipe that the system empties at once.
class CountingPipe final : public MessagePipe {
 public:
  bool send(ByteView message) override {
    if (!open) return false;
    bytes += message.size();
    return true;
  }
  void flush() override { flushed = bytes; }
  std::size_t backlog_bytes() const override { return 0; }
  std::size_t max_message_bytes() const override { return 16 * 1024; }
  void pause_reading(bool value) override { paused = value; }
  void close(PipeEnd) override { open = false; }

  bool open = true;
  bool paused = false;
  std::size_t bytes = 0;
  std::size_t flushed = 0;
};

struct RateLimitTest : testing::Test {
  RateLimitTest() {
    limit.set_bytes_per_second(kRate);
    limit.on_time(now);
  }
  void offer(PacedPipe& to, int messages) {
    const std::string text(kMessageBytes, 'x');
    for (int i = 0; i < messages; ++i) EXPECT_TRUE(to.send(as_bytes(text)));
    to.flush();
  }
  // Sleeps from deadline to deadline, each met `late`.
  void run(Duration time, Duration late = {}) {
    const auto end = now + time;
    while (const auto due = limit.deadline()) {
      if (*due + late > end) break;
      now = std::max(now, *due + late);
      limit.on_time(now);
    }
    now = end;
    limit.on_time(now);
  }

  TimePoint now = TimePoint{} + Seconds{100};
  RateLimit limit;
  CountingPipe pipe;
  PacedPipe paced{pipe, limit};
};

TEST_F(RateLimitTest, LetsTheRateThroughAndNoMore) {
  offer(paced, 500);
  run(Seconds{1});
  const auto burst = kRate / 50;
  EXPECT_NEAR(static_cast<double>(pipe.bytes), kRate + burst + kMessageBytes, kMessageBytes);
  EXPECT_EQ(pipe.flushed, pipe.bytes);
  EXPECT_EQ(paced.backlog_bytes(), 500 * kMessageBytes - pipe.bytes);
}

TEST_F(RateLimitTest, LosesNothingToWakeUpsThatComeLate) {
  offer(paced, 500);
  run(Seconds{4}, Millis{15});
  EXPECT_GE(pipe.bytes, 4 * kRate * 99 / 100);
}

TEST_F(RateLimitTest, DoesNotSaveUpWhileNothingIsThere) {
  now += Seconds{3600};
  limit.on_time(now);
  offer(paced, 500);
  EXPECT_LE(pipe.bytes, kRate / 50 + kMessageBytes);
}

TEST_F(RateLimitTest, AsksForNoWakeUpWhenNothingWaits) {
  EXPECT_FALSE(limit.deadline());
  offer(paced, 10);
  EXPECT_TRUE(limit.deadline());
  run(Seconds{1});
  EXPECT_FALSE(limit.deadline());
}

TEST_F(RateLimitTest, GivesEverySlotItsTurns) {
  CountingPipe others[2];
  PacedPipe second(others[0], limit);
  PacedPipe third(others[1], limit);
  offer(paced, 200);  // came first, and has as much waiting as both others
  offer(second, 100);
  offer(third, 100);
  const auto before = pipe.bytes;
  run(Seconds{2});
  EXPECT_NEAR(static_cast<double>(pipe.bytes - before), 2 * kRate / 3.0, 2 * kMessageBytes);
  EXPECT_NEAR(static_cast<double>(others[0].bytes), 2 * kRate / 3.0, 2 * kMessageBytes);
  EXPECT_NEAR(static_cast<double>(others[1].bytes), 2 * kRate / 3.0, 2 * kMessageBytes);
}

TEST_F(RateLimitTest, LetsNobodyOvertakeWhoWaits) {
  offer(paced, 50);
  now += Seconds{1};
  limit.tell(now);  // what waits may go by now, and a newcomer's message comes before it went
  CountingPipe other;
  PacedPipe newcomer(other, limit);
  offer(newcomer, 1);
  EXPECT_EQ(other.bytes, 0U);
}

TEST_F(RateLimitTest, ChangesWhileMessagesWait) {
  offer(paced, 500);
  limit.set_bytes_per_second(std::nullopt);
  run(Millis{0});
  EXPECT_EQ(pipe.bytes, 500 * kMessageBytes);
  offer(paced, 5);
  EXPECT_EQ(pipe.flushed, 505 * kMessageBytes) << "no limit, no waiting";
}

TEST_F(RateLimitTest, ForgetsPipesThatEnd) {
  auto gone = std::make_unique<PacedPipe>(pipe, limit);
  offer(*gone, 100);
  gone.reset();
  EXPECT_FALSE(limit.deadline());
  offer(paced, 100);
  pipe.close(PipeEnd::Lost);
  run(Seconds{1});
  EXPECT_FALSE(limit.deadline()) << "what a closed pipe refuses is thrown away";
}

TEST_F(RateLimitTest, MakesARelayPauseItsLegAndGoOnWhenTheQueueIsEmpty) {
  CountingPipe leg;
  const SlotRef at{0, 1};
  Relay relay(at, paced);
  relay.attach_leg(leg, /*can_pause=*/true);
  const std::string packet(kMaxPacketBytes, 'x');
  std::size_t offered = 0;
  for (int turn = 0; turn < 2'000; ++turn, run(Millis{1})) {
    if (paced.backlog_bytes() == 0) relay.on_link_drained(at);
    const auto message = as_bytes(packet);
    while (!leg.paused) {
      relay.on_leg_messages(at, std::span(&message, 1));
      offered += packet.size();
    }
    ASSERT_LE(paced.backlog_bytes(), Relay::kMaxBacklogBytes);
  }
  EXPECT_NEAR(static_cast<double>(pipe.bytes), 2.0 * kRate, kRate / 10.0);
  EXPECT_EQ(offered, pipe.bytes + paced.backlog_bytes()) << "a leg that can pause loses nothing";
}

}  // namespace
}  // namespace footbridge::core
