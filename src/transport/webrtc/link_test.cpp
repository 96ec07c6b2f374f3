// Data channels between two links of one engine over loopback sockets; link_port_test.cpp has what holds without SCTP,
// too.
#include "transport/webrtc/link.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <string>

#include "base/rng.hpp"
#include "transport/webrtc/link_harness.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::size_t kEchoes = 10'000;

LinkConfig reliable() { return {.reliability = Reliability::Reliable}; }
LinkConfig unreliable() { return {.reliability = Reliability::Unreliable}; }

// 1 B … 64 KiB, mostly small, every size class touched.
std::size_t echo_size(std::size_t i) {
  if (i % 501 == 500) return kMaxMessageBytes;
  if (i % 97 == 96) return 1 + i * 13 % 20'000;
  return 1 + i % 1'200;
}

Bytes echo_message(std::size_t i) {
  SeededRng rng(i);
  return rng.bytes(echo_size(i));
}

// The client sends all messages, the proxy returns each; both respect the backlog.
void expect_echo(LinkPair& pair, std::size_t count) {
  std::size_t sent = 0;
  std::size_t wrong = 0;
  std::deque<Bytes> waiting;
  const auto fill = [&] {
    while (sent < count && pair.client.link->backlog_bytes() == 0)
      ASSERT_TRUE(pair.client.link->send(echo_message(sent++)));
    pair.client.link->flush();
  };
  const auto give_back = [&] {
    while (!waiting.empty() && pair.proxy.link->backlog_bytes() == 0) {
      ASSERT_TRUE(pair.proxy.link->send(waiting.front()));
      waiting.pop_front();
    }
    pair.proxy.link->flush();
  };
  std::size_t returned = 0;
  pair.client.on_message = [&](ByteView message) {
    const auto expected = echo_message(returned++);
    if (!std::equal(message.begin(), message.end(), expected.begin(), expected.end())) ++wrong;
  };
  pair.client.on_room = fill;
  pair.proxy.on_message = [&](ByteView message) { waiting.push_back(to_bytes(message)); };
  pair.proxy.on_batch = give_back;
  pair.proxy.on_room = give_back;
  fill();
  EXPECT_TRUE(run_until(
      pair.io, [&] { return returned == count; }, std::chrono::seconds(60)))
      << returned;
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(pair.client.closed + pair.proxy.closed, 0);
}

TEST(Link, EchoesTenThousandReliableMessagesInOrder) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  expect_echo(pair, kEchoes);
}

TEST(Link, KeepsTheBoundariesOfPacketLadderSizesWhenUnreliable) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(unreliable()));
  constexpr std::size_t kRounds = 200;
  std::vector<std::size_t> sizes;
  pair.proxy.on_message = [&](ByteView message) {
    const auto fill = message.empty() ? std::byte{0} : message[0];
    for (const auto b : message) ASSERT_EQ(b, fill);
    sizes.push_back(message.size());
  };
  for (std::size_t i = 0; i < kRounds; ++i) {
    for (const std::size_t chunks : {1U, 4U, 8U})
      ASSERT_TRUE(pair.client.link->send(Bytes(chunks * kChunkPayloadBytes, std::byte(i))));
    pair.client.link->flush();
    ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.link->backlog_bytes() == 0; }));
  }
  EXPECT_TRUE(run_until(pair.io, [&] { return sizes.size() == 3 * kRounds; })) << sizes.size();
  for (const std::size_t chunks : {1U, 4U, 8U})
    EXPECT_EQ(std::count(sizes.begin(), sizes.end(), chunks * kChunkPayloadBytes), static_cast<long>(kRounds));
}

TEST(Link, CarriesAnEmptyMessage) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  ASSERT_TRUE(pair.client.link->send({}));
  pair.client.link->flush();
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.proxy.messages == 1; }));
  EXPECT_EQ(pair.proxy.bytes, 0U);
}

// The proxy does not read: SCTP's window closes, the client's backlog grows and stays; then everything arrives.
TEST(Link, BacklogGrowsAgainstAPausedReaderAndDrainsAfterwards) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  pair.proxy.link->pause_reading(true);
  constexpr std::size_t kMessages = 400;  // 25 MB: more than all buffers on the way
  for (std::size_t i = 0; i < kMessages; ++i) ASSERT_TRUE(pair.client.link->send(Bytes(kMaxMessageBytes)));
  pair.client.link->flush();
  run_until(
      pair.io, [] { return false; }, std::chrono::milliseconds(500));
  EXPECT_GT(pair.client.link->backlog_bytes(), 10U << 20) << "the pause must reach the sender";
  EXPECT_LE(pair.proxy.bytes, kMaxUnreadBytes);
  EXPECT_EQ(pair.client.drained, 0);

  pair.proxy.link->pause_reading(false);
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.proxy.messages == kMessages; }, std::chrono::seconds(30)));
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.client.drained == 1; }));
  EXPECT_EQ(pair.client.link->backlog_bytes(), 0U);
}

// A slow I/O thread: the box between the threads is bounded, and nothing of a reliable channel is lost.
TEST(Link, LosesNothingWhenTheUserIsSlow) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  constexpr std::size_t kMessages = 400;
  std::size_t largest_batch = 0;
  std::size_t before = 0;
  pair.proxy.on_batch = [&] {
    largest_batch = std::max(largest_batch, pair.proxy.bytes - before);
    before = pair.proxy.bytes;
  };
  for (std::size_t i = 0; i < kMessages; ++i) ASSERT_TRUE(pair.client.link->send(Bytes(kMaxMessageBytes)));
  pair.client.link->flush();
  // This loop does not run until the WebRTC thread has moved more than the box may hold.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (pair.client.link->backlog_bytes() > (kMessages * kMaxMessageBytes) - 4 * kMaxUnreadBytes)
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.proxy.messages == kMessages; }, std::chrono::seconds(30)));
  EXPECT_GT(largest_batch, kMaxUnreadBytes / 2) << "the test did not fill the box";
  EXPECT_LE(largest_batch, kMaxUnreadBytes + kMaxMessageBytes);
}

TEST(Link, IsSilentAfterItsDestructionAlsoWithAnEventOnItsWay) {
  LinkPair pair;
  pair.proxy.link =
      pair.engine.answer(pair.io.get_executor(), unreliable(), Private(std::string("nonsense")), pair.proxy);
  pair.proxy.link.reset();  // on_closed is already posted
  run_until(
      pair.io, [] { return false; }, std::chrono::milliseconds(20));
  EXPECT_EQ(pair.proxy.closed, 0);
}

TEST(Link, ClosesOnABadDescription) {
  LinkPair pair;
  pair.proxy.link =
      pair.engine.answer(pair.io.get_executor(), unreliable(), Private(std::string(20'000, 'a')), pair.proxy);
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.proxy.closed == 1; }, std::chrono::seconds(1)));
  EXPECT_EQ(pair.proxy.end, PipeEnd::Misused);
  EXPECT_FALSE(pair.proxy.description.has_value());

  pair.client.link = pair.engine.offer(pair.io.get_executor(), unreliable(), pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
  const auto refused = pair.client.link->accept_answer(Private(std::string("v=0\r\n")), LinkKind::DataChannel);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error(), LinkError::BadDescription);
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.client.closed == 1; }, std::chrono::seconds(1)));
  EXPECT_EQ(pair.client.end, PipeEnd::Misused);
}

}  // namespace
}  // namespace footbridge::webrtc
