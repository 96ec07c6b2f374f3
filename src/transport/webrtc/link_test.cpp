// Two links of one engine over loopback sockets: what the port promises, whatever is underneath.
#include "transport/webrtc/link.hpp"

#include <deque>
#include <gtest/gtest.h>

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

TEST(Link, OpensUnreliablyToo) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(unreliable()));
  EXPECT_EQ(pair.client.link->info().state, LinkState::Open);
}

}  // namespace
}  // namespace footbridge::webrtc
