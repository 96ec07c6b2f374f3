// Links over a line with delay and loss.
#include <gtest/gtest.h>
#include <set>

#include "transport/webrtc/lossy_line.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::chrono::milliseconds kDelay{10};
constexpr std::size_t kMessages = 1'000;

LinkConfig unreliable(std::uint32_t retransmits) {
  return {.reliability = Reliability::Unreliable, .local_retransmits = retransmits};
}

// How many of kMessages arrive, each of them once and whole.
std::size_t arrivals(unsigned lost_per_thousand, const LinkConfig& config) {
  LinkPair pair;
  LossyLine line(pair.io, kDelay, lost_per_thousand);
  EXPECT_TRUE(open_through(line, pair, config));
  std::set<std::byte> damaged;
  std::size_t sent = 0;
  pair.proxy.on_message = [&](ByteView message) {
    if (message.size() != kChunkPayloadBytes) damaged.insert(message[0]);
  };
  const auto fill = [&] {
    while (sent < kMessages && pair.client.link->backlog_bytes() == 0) {
      EXPECT_TRUE(pair.client.link->send(Bytes(kChunkPayloadBytes, std::byte(sent))));
      ++sent;
    }
    pair.client.link->flush();
  };
  pair.client.on_room = fill;
  fill();
  EXPECT_TRUE(run_until(
      pair.io, [&] { return sent == kMessages; }, std::chrono::seconds(30)));
  // What is still under way: until a second has brought nothing.
  std::size_t before = 0;
  do {
    before = pair.proxy.messages;
    pair.io.run_for(std::chrono::seconds(1));
  } while (pair.proxy.messages != before);
  EXPECT_TRUE(damaged.empty());
  EXPECT_LE(pair.proxy.messages, kMessages);
  EXPECT_EQ(pair.client.closed + pair.proxy.closed, 0);
  return pair.proxy.messages;
}

TEST(LossyLink, DeliversNearlyEverythingWithOneRetransmission) {
  const auto arrived = arrivals(20, unreliable(1));
  EXPECT_GE(arrived, kMessages * 99 / 100) << "two in a hundred are lost, and of these two in a hundred again";
}

TEST(LossyLink, GivesUpWhatIsLostWithoutRetransmission) {
  const auto arrived = arrivals(20, unreliable(0));
  EXPECT_LT(arrived, kMessages * 995 / 1'000);
  EXPECT_GE(arrived, kMessages * 95 / 100);
}

TEST(LossyLink, DeliversEverythingWhenReliable) {
  EXPECT_EQ(arrivals(20, {.reliability = Reliability::Reliable}), kMessages);
}

TEST(LossyLink, OpensWhereAFifthIsLost) {
  LinkPair pair;
  LossyLine line(pair.io, kDelay, 200);
  EXPECT_TRUE(open_through(line, pair, unreliable(1)));
}

}  // namespace
}  // namespace footbridge::webrtc
