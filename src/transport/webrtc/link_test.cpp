// Two links of one engine over loopback sockets: what the port promises, whatever is underneath.
#include "transport/webrtc/link.hpp"

#include <deque>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

#include "base/rng.hpp"
#include "transport/webrtc/consent.hpp"
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

TEST(Link, EchoesWhenTheAnswererIsTheDtlsServer) {
  LinkPair pair;
  auto server = reliable();
  server.answer_as_dtls_server = true;
  ASSERT_TRUE(pair.open(reliable(), server));
  expect_echo(pair, kEchoes / 10);
}

TEST(Link, EchoesOverIpv6) {
  LinkPair pair(loopback_config("::1"));
  ASSERT_TRUE(pair.open(reliable()));
  expect_echo(pair, kEchoes / 10);
  const auto info = pair.client.link->info();
  ASSERT_TRUE(info.pair.has_value());
  EXPECT_EQ(info.pair->family, Family::V6);
}

TEST(Link, TellsHowItIsConnectedButNotWhere) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(unreliable()));
  for (const auto* user : {&pair.client, &pair.proxy}) {
    const auto info = user->link->info();
    EXPECT_EQ(info.state, LinkState::Open);
    ASSERT_TRUE(info.pair.has_value());
    EXPECT_EQ(info.pair->family, Family::V4);
    EXPECT_TRUE(info.round_trip.has_value());
    EXPECT_EQ(info.candidates_refused, 0U);
  }
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

TEST(Link, RefusesMessagesAboveTheLimitAndBeforeItIsOpen) {
  LinkPair pair;
  pair.client.link = pair.engine.offer(pair.io.get_executor(), reliable(), pair.client);
  EXPECT_FALSE(pair.client.link->send(Bytes(1)));
  ASSERT_TRUE(pair.open(reliable()));
  EXPECT_EQ(pair.client.link->max_message_bytes(), kMaxMessageBytes);
  EXPECT_FALSE(pair.client.link->send(Bytes(kMaxMessageBytes + 1)));
  EXPECT_TRUE(pair.client.link->send(Bytes(kMaxMessageBytes)));
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

TEST(Link, ClosingTellsTheOtherSideAtOnceBothWays) {
  for (const bool client_closes : {true, false}) {
    LinkPair pair;
    ASSERT_TRUE(pair.open(unreliable()));
    auto& closer = client_closes ? pair.client : pair.proxy;
    auto& other = client_closes ? pair.proxy : pair.client;
    closer.link->close(PipeEnd::Leg);
    closer.link->close(PipeEnd::Local);  // idempotent
    EXPECT_TRUE(run_until(
        pair.io, [&] { return closer.closed == 1 && other.closed == 1; }, std::chrono::seconds(1)));
    EXPECT_EQ(closer.end, PipeEnd::Leg);
    EXPECT_EQ(other.end, PipeEnd::Remote);
    EXPECT_FALSE(closer.link->send(Bytes(1)));
    run_until(
        pair.io, [] { return false; }, std::chrono::milliseconds(50));
    EXPECT_EQ(closer.closed + other.closed, 2) << "on_closed comes once";
  }
}

TEST(Link, WhatWasSentBeforeCloseStillArrives) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  ASSERT_TRUE(pair.client.link->send(Bytes(1000)));
  pair.client.link->close(PipeEnd::Local);
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.proxy.closed == 1; }));
  EXPECT_EQ(pair.proxy.messages, 1U);
}

TEST(Link, DestroyingItTellsTheOtherSideAndIsSilent) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(unreliable()));
  pair.client.link.reset();
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.proxy.closed == 1; }, std::chrono::seconds(1)));
  EXPECT_EQ(pair.proxy.end, PipeEnd::Remote);
  EXPECT_EQ(pair.client.closed, 0);
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

TEST(Link, MayBeDestroyedFromItsOwnEvents) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  pair.proxy.on_message = [&](ByteView) { pair.proxy.link.reset(); };
  ASSERT_TRUE(pair.client.link->send(Bytes(10)));
  pair.client.link->flush();
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.client.closed == 1; }, std::chrono::seconds(1)));
}

TEST(Link, TakesOneAnswerOnly) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(unreliable()));
  const auto again = pair.client.link->accept_answer(*pair.proxy.description);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error(), LinkError::NotExpected);
  const auto never = pair.proxy.link->accept_answer(*pair.proxy.description);
  ASSERT_FALSE(never.ok());
  EXPECT_EQ(never.error(), LinkError::NotExpected);
  EXPECT_EQ(pair.client.link->info().state, LinkState::Open);
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
  const auto refused = pair.client.link->accept_answer(Private(std::string("v=0\r\n")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error(), LinkError::BadDescription);
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.client.closed == 1; }, std::chrono::seconds(1)));
  EXPECT_EQ(pair.client.end, PipeEnd::Misused);
}

// How often this process has slept so far, all threads together: each time is a wake-up that costs a phone its sleep.
std::uint64_t sleeps() {
  std::uint64_t sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("voluntary_ctxt_switches:")) sum += std::stoull(line.substr(line.find(':') + 1));
  }
  return sum;
}

TEST(Link, LetsTheMachineSleepWhileNothingMoves) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(reliable()));
  std::uint64_t least = 1'000;  // in one second; ICE goes on checking for some after a link is open
  for (int second = 0; second < 15 && least >= 20; ++second) {
    const auto before = sleeps();
    pair.io.run_for(std::chrono::seconds(1));
    least = std::min(least, sleeps() - before);
  }
  EXPECT_LT(least, 20U) << "a tick of 10 ms makes 100";
  pair.io.restart();
  expect_echo(pair, 100);
}

// Questions and answers of consent travel among the data, and are lost in it at their peril.
TEST(Link, StaysOpenUnderLoadForLongerThanConsentLasts) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(unreliable()));
  const auto fill = [&] {
    while (pair.client.link->backlog_bytes() == 0) ASSERT_TRUE(pair.client.link->send(Bytes(8 * kChunkPayloadBytes)));
    pair.client.link->flush();
  };
  pair.client.on_room = fill;
  fill();
  pair.io.run_for(kConsentLimit + Seconds(2));
  EXPECT_EQ(pair.client.closed + pair.proxy.closed, 0);
  const auto before = pair.proxy.messages;
  pair.io.restart();
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.proxy.messages > before; })) << "and data still flows";
}

// Where there are many ways, ICE may take one and then find a better one: the link moves with it.
TEST(Link, EchoesWhenThereAreManyPairs) {
  EngineConfig config;
  config.allow_private_candidates = true;
  for (const auto* address : {"127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"})
    config.local_addresses.push_back(*IpAddress::parse(address));
  for (int round = 0; round < 5; ++round) {
    LinkPair pair(config);
    ASSERT_TRUE(pair.open(reliable()));
    expect_echo(pair, kEchoes / 10);
  }
}

TEST(Link, RefusesAnAnswererWhoseCertificateIsNotTheOneDescribed) {
  LinkPair pair;
  pair.client.link = pair.engine.offer(pair.io.get_executor(), unreliable(), pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
  pair.proxy.link = pair.engine.answer(pair.io.get_executor(), unreliable(), *pair.client.description, pair.proxy);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.proxy.description.has_value(); }));
  auto forged = pair.proxy.description->reveal_to_socket();
  auto& digit = forged[forged.find("sha-256 ") + 8];
  digit = digit == 'A' ? 'B' : 'A';
  ASSERT_TRUE(pair.client.link->accept_answer(Private(forged)));
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.client.closed == 1; }));
  EXPECT_EQ(pair.client.end, PipeEnd::Setup);
  EXPECT_EQ(pair.client.opened + pair.proxy.opened, 0);
}

}  // namespace
}  // namespace footbridge::webrtc
