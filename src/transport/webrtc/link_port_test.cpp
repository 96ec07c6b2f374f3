// What the port promises of a link, whatever carries it: the same tests over a data channel and without SCTP.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "base/rng.hpp"
#include "transport/webrtc/consent.hpp"
#include "transport/webrtc/link_harness.hpp"
#include "transport/webrtc/native_records.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::size_t kEchoes = 2'000;
constexpr std::size_t kUnderWay = 32;  // at once: few enough for every buffer, since a native link has no flow control

// A number, and bytes that follow from it; 4 to 1200 in all.
Bytes numbered(std::uint32_t i) {
  auto out = SeededRng(i).bytes(4 + i * 7 % 1'197);
  std::memcpy(out.data(), &i, sizeof i);
  return out;
}

struct LinkOfEitherKind : testing::TestWithParam<LinkKind> {
  static LinkConfig config() { return {.best = GetParam()}; }

  // The client sends all messages, the proxy returns each.
  void expect_echo(std::size_t count) {
    std::uint32_t sent = 0;
    std::set<std::uint32_t> returned;
    const auto fill = [&] {
      for (; sent < count && sent < returned.size() + kUnderWay; ++sent)
        ASSERT_TRUE(pair().client.link->send(numbered(sent)));
      pair().client.link->flush();
    };
    pair().client.on_message = [&](ByteView message) {
      std::uint32_t i = 0;
      ASSERT_GE(message.size(), sizeof i);
      std::memcpy(&i, message.data(), sizeof i);
      EXPECT_EQ(to_bytes(message), numbered(i));
      returned.insert(i);
    };
    pair().client.on_batch = fill;
    pair().proxy.on_message = [&](ByteView message) { ASSERT_TRUE(pair().proxy.link->send(message)); };
    pair().proxy.on_batch = [&] { pair().proxy.link->flush(); };
    fill();
    EXPECT_TRUE(run_until(
        pair().io, [&] { return returned.size() == count; }, std::chrono::seconds(30)))
        << returned.size();
    EXPECT_EQ(pair().client.closed + pair().proxy.closed, 0);
  }
  void pass(std::chrono::milliseconds time) {
    run_until(
        pair().io, [] { return false; }, time);
  }

  // One engine at a time: tests of other addresses put another pair in its place.
  void move_to(EngineConfig engine) {
    owned_.reset();
    owned_ = std::make_unique<LinkPair>(std::move(engine));
  }
  LinkPair& pair() { return *owned_; }

 private:
  std::unique_ptr<LinkPair> owned_ = std::make_unique<LinkPair>();
};
INSTANTIATE_TEST_SUITE_P(, LinkOfEitherKind, testing::Values(LinkKind::DataChannel, LinkKind::Native),
                         [](const auto& kind) {
                           return kind.param == LinkKind::Native ? std::string("Native") : std::string("DataChannel");
                         });

TEST_P(LinkOfEitherKind, IsOfTheKindThatBothEndsCanDoAndTellsHowButNotWhere) {
  ASSERT_TRUE(pair().open(config()));
  for (const auto* user : {&pair().client, &pair().proxy}) {
    const auto info = user->link->info();
    EXPECT_EQ(info.state, LinkState::Open);
    EXPECT_EQ(info.kind, GetParam());
    ASSERT_TRUE(info.pair.has_value());
    EXPECT_EQ(info.pair->family, Family::V4);
    EXPECT_TRUE(info.round_trip.has_value());
    EXPECT_EQ(info.candidates_refused, 0U);
  }
}

TEST_P(LinkOfEitherKind, ReturnsEveryMessageAsItWas) {
  ASSERT_TRUE(pair().open(config()));
  expect_echo(kEchoes);
}

TEST_P(LinkOfEitherKind, EchoesWhenTheAnswererIsTheDtlsServer) {
  auto server = config();
  server.answer_as_dtls_server = true;
  ASSERT_TRUE(pair().open(config(), server));
  EXPECT_EQ(pair().proxy.link->info().kind, GetParam());
  expect_echo(kEchoes / 10);
}

TEST_P(LinkOfEitherKind, RefusesMessagesAboveTheLimitAndBeforeItIsOpen) {
  pair().client.link = pair().engine.offer(pair().io.get_executor(), config(), pair().client);
  EXPECT_FALSE(pair().client.link->send(Bytes(1)));
  ASSERT_TRUE(pair().open(config()));
  const auto most = GetParam() == LinkKind::Native ? kMaxNativeMessageBytes : kMaxMessageBytes;
  EXPECT_EQ(pair().client.link->max_message_bytes(), most);
  EXPECT_FALSE(pair().client.link->send(Bytes(most + 1)));
  EXPECT_TRUE(pair().client.link->send(Bytes(most)));
  pair().client.link->flush();
  EXPECT_TRUE(run_until(pair().io, [&] { return pair().proxy.bytes == most; }));
}

TEST_P(LinkOfEitherKind, ClosingTellsTheOtherSideAtOnceBothWays) {
  for (const bool client_closes : {true, false}) {
    pair().client = {};
    pair().proxy = {};
    ASSERT_TRUE(pair().open(config()));
    auto& closer = client_closes ? pair().client : pair().proxy;
    auto& other = client_closes ? pair().proxy : pair().client;
    closer.link->close(PipeEnd::Leg);
    closer.link->close(PipeEnd::Local);  // idempotent
    EXPECT_TRUE(run_until(
        pair().io, [&] { return closer.closed == 1 && other.closed == 1; }, std::chrono::seconds(1)));
    EXPECT_EQ(closer.end, PipeEnd::Leg);
    EXPECT_EQ(other.end, PipeEnd::Remote);
    EXPECT_FALSE(closer.link->send(Bytes(1)));
    pass(std::chrono::milliseconds(50));
    EXPECT_EQ(closer.closed + other.closed, 2) << "on_closed comes once";
  }
}

TEST_P(LinkOfEitherKind, WhatWasSentBeforeCloseStillArrives) {
  ASSERT_TRUE(pair().open(config()));
  ASSERT_TRUE(pair().client.link->send(Bytes(1000)));
  pair().client.link->close(PipeEnd::Local);
  EXPECT_TRUE(run_until(pair().io, [&] { return pair().proxy.closed == 1; }));
  EXPECT_EQ(pair().proxy.messages, 1U);
}

TEST_P(LinkOfEitherKind, DestroyingItTellsTheOtherSideAndIsSilent) {
  ASSERT_TRUE(pair().open(config()));
  pair().client.link.reset();
  EXPECT_TRUE(run_until(
      pair().io, [&] { return pair().proxy.closed == 1; }, std::chrono::seconds(1)));
  EXPECT_EQ(pair().proxy.end, PipeEnd::Remote);
  EXPECT_EQ(pair().client.closed, 0);
}

TEST_P(LinkOfEitherKind, MayBeDestroyedFromItsOwnEvents) {
  ASSERT_TRUE(pair().open(config()));
  pair().proxy.on_message = [&](ByteView) { pair().proxy.link.reset(); };
  ASSERT_TRUE(pair().client.link->send(Bytes(10)));
  pair().client.link->flush();
  EXPECT_TRUE(run_until(
      pair().io, [&] { return pair().client.closed == 1; }, std::chrono::seconds(1)));
}

TEST_P(LinkOfEitherKind, TakesOneAnswerOnly) {
  ASSERT_TRUE(pair().open(config()));
  const auto again = pair().client.link->accept_answer(*pair().proxy.description, GetParam());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error(), LinkError::NotExpected);
  const auto never = pair().proxy.link->accept_answer(*pair().proxy.description, GetParam());
  ASSERT_FALSE(never.ok());
  EXPECT_EQ(never.error(), LinkError::NotExpected);
  EXPECT_EQ(pair().client.link->info().state, LinkState::Open);
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

TEST_P(LinkOfEitherKind, LetsTheMachineSleepWhileNothingMoves) {
  ASSERT_TRUE(pair().open(config()));
  std::uint64_t least = 1'000;  // in one second; ICE goes on checking for some after a link is open
  for (int second = 0; second < 15 && least >= 20; ++second) {
    const auto before = sleeps();
    pair().io.run_for(std::chrono::seconds(1));
    least = std::min(least, sleeps() - before);
  }
  EXPECT_LT(least, 20U) << "a tick of 10 ms makes 100";
  pair().io.restart();
  expect_echo(100);
}

// Questions and answers of consent travel among the data, and are lost in it at their peril. ICE's own socket hears
// nothing of the pair any more.
TEST_P(LinkOfEitherKind, StaysOpenUnderLoadForLongerThanConsentLasts) {
  ASSERT_TRUE(pair().open(config()));
  const auto bytes = std::min(pair().client.link->max_message_bytes(), 8 * kChunkPayloadBytes);
  const auto fill = [&] {
    while (pair().client.link->backlog_bytes() == 0) ASSERT_TRUE(pair().client.link->send(Bytes(bytes)));
    pair().client.link->flush();
  };
  pair().client.on_room = fill;
  fill();
  pair().io.run_for(kConsentLimit + Seconds(2));
  EXPECT_EQ(pair().client.closed + pair().proxy.closed, 0);
  const auto before = pair().proxy.messages;
  pair().io.restart();
  EXPECT_TRUE(run_until(pair().io, [&] { return pair().proxy.messages > before; })) << "and data still flows";
}

TEST_P(LinkOfEitherKind, RefusesAnAnswererWhoseCertificateIsNotTheOneDescribed) {
  pair().client.link = pair().engine.offer(pair().io.get_executor(), config(), pair().client);
  ASSERT_TRUE(run_until(pair().io, [&] { return pair().client.description.has_value(); }));
  pair().proxy.link =
      pair().engine.answer(pair().io.get_executor(), config(), *pair().client.description, pair().proxy);
  ASSERT_TRUE(run_until(pair().io, [&] { return pair().proxy.description.has_value(); }));
  auto forged = pair().proxy.description->reveal_to_socket();
  auto& digit = forged[forged.find("sha-256 ") + 8];
  digit = digit == 'A' ? 'B' : 'A';
  ASSERT_TRUE(pair().client.link->accept_answer(Private(forged), GetParam()));
  EXPECT_TRUE(run_until(pair().io, [&] { return pair().client.closed == 1; }));
  EXPECT_EQ(pair().client.end, PipeEnd::Setup);
  EXPECT_EQ(pair().client.opened + pair().proxy.opened, 0);
}

TEST_P(LinkOfEitherKind, EchoesOverIpv6) {
  move_to(loopback_config("::1"));
  ASSERT_TRUE(pair().open(config()));
  expect_echo(kEchoes / 10);
  const auto info = pair().client.link->info();
  EXPECT_EQ(info.kind, GetParam());
  ASSERT_TRUE(info.pair.has_value());
  EXPECT_EQ(info.pair->family, Family::V6);
}

// Where there are many ways, ICE may take one and then find a better one: the link moves with it.
TEST_P(LinkOfEitherKind, EchoesWhenThereAreManyPairs) {
  EngineConfig engine;
  engine.allow_private_candidates = true;
  for (const auto* address : {"127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"})
    engine.local_addresses.push_back(*IpAddress::parse(address));
  for (int round = 0; round < 5; ++round) {
    move_to(engine);
    ASSERT_TRUE(pair().open(config()));
    EXPECT_EQ(pair().proxy.link->info().kind, GetParam());
    expect_echo(kEchoes / 10);
  }
}

}  // namespace
}  // namespace footbridge::webrtc
