// Links without SCTP: when two ends get one, and that they get a data channel where they cannot have it.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "transport/webrtc/consent.hpp"
#include "transport/webrtc/lossy_line.hpp"
#include "transport/webrtc/native_agreement.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::chrono::milliseconds kDelay{5};

LinkConfig native() { return {.best = LinkKind::Native}; }
LinkConfig data_channel() { return {}; }

void expect_both(LinkPair& pair, LinkKind kind) {
  for (auto* user : {&pair.client, &pair.proxy}) EXPECT_EQ(user->link->info().kind, kind);
  for (auto* user : {&pair.client, &pair.proxy}) {
    ASSERT_TRUE(user->link->send(Bytes(1'000)));
    user->link->flush();
  }
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.client.messages == 1 && pair.proxy.messages == 1; }));
  EXPECT_EQ(pair.client.closed + pair.proxy.closed, 0);
}

TEST(NativeLink, IsADataChannelWhenOneEndCannotOrWillNotDoWithoutSctp) {
  for (const bool client_can : {true, false}) {
    LinkPair pair;
    ASSERT_TRUE(pair.open(client_can ? native() : data_channel(), client_can ? data_channel() : native()));
    expect_both(pair, LinkKind::DataChannel);
  }
}

// A broker that lies to one of the two, or is too old to tell: a browser would behave like the other.
TEST(NativeLink, IsADataChannelWhenOnlyOneEndWasToldOfTheOther) {
  for (const bool client_knows : {true, false}) {
    LinkPair pair;
    pair.client.link = pair.engine.offer(pair.io.get_executor(), native(), pair.client);
    ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
    pair.proxy.link = pair.engine.answer(pair.io.get_executor(), client_knows ? data_channel() : native(),
                                         *pair.client.description, pair.proxy);
    ASSERT_TRUE(run_until(pair.io, [&] { return pair.proxy.description.has_value(); }));
    const auto told = client_knows ? LinkKind::Native : LinkKind::DataChannel;
    ASSERT_TRUE(pair.client.link->accept_answer(*pair.proxy.description, told));
    ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.opened == 1 && pair.proxy.opened == 1; }));
    expect_both(pair, LinkKind::DataChannel);
  }
}

TEST(NativeLink, IsADataChannelWhenItIsToBeReliable) {
  LinkPair pair;
  ASSERT_TRUE(pair.open({.reliability = Reliability::Reliable, .best = LinkKind::Native}));
  expect_both(pair, LinkKind::DataChannel);
}

// Sides of the line: 0 is the client's.
TEST(NativeLink, IsADataChannelWhereFullSizeIsSwallowed) {
  for (const auto& sides : {std::vector<std::size_t>{0}, {1}, {0, 1}}) {
    LinkPair pair;
    LossyLine line(pair.io, kDelay, 0);
    for (const auto side : sides) line.swallow_longer(side, kMaxDatagramBytes);
    const auto before = std::chrono::steady_clock::now();
    ASSERT_TRUE(open_through(line, pair, native()));
    EXPECT_LT(std::chrono::steady_clock::now() - before, kAgreementRetry * (kProposals + 1) + Seconds(3));
    expect_both(pair, LinkKind::DataChannel);
  }
}

TEST(NativeLink, OpensWhereAFifthIsLost) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    LinkPair pair;
    LossyLine line(pair.io, kDelay, 200, seed);
    ASSERT_TRUE(open_through(line, pair, native()));
    EXPECT_EQ(pair.client.link->info().kind, pair.proxy.link->info().kind);
  }
}

// Nothing is resent and nothing waits for what is missing.
TEST(NativeLink, LosesWhatTheLineLosesAndNoMore) {
  constexpr std::size_t kMessages = 2'000;
  LinkPair pair;
  LossyLine line(pair.io, kDelay, 20);
  ASSERT_TRUE(open_through(line, pair, native()));
  ASSERT_EQ(pair.client.link->info().kind, LinkKind::Native);
  for (std::size_t i = 0; i < kMessages; i += 20) {
    for (std::size_t j = 0; j < 20; ++j) ASSERT_TRUE(pair.client.link->send(Bytes(1'200, std::byte(i + j))));
    pair.client.link->flush();
    pair.io.run_for(std::chrono::milliseconds(2));
    pair.io.restart();
  }
  run_until(
      pair.io, [&] { return pair.proxy.messages == kMessages; }, std::chrono::milliseconds(500));
  EXPECT_GE(pair.proxy.messages, kMessages * 95 / 100);
  EXPECT_LT(pair.proxy.messages, kMessages * 995 / 1'000) << "the line lost nothing";
  EXPECT_EQ(pair.proxy.bytes, pair.proxy.messages * 1'200);
}

TEST(NativeLink, DropsAndCountsWhatIsNotTakenInTime) {
  constexpr std::size_t kMessages = 4'000;  // 4.8 MB, in runs that a socket's buffer holds
  LinkPair pair;
  ASSERT_TRUE(pair.open(native()));
  std::size_t largest = 0;
  std::size_t before = 0;
  pair.proxy.on_batch = [&] {
    largest = std::max(largest, pair.proxy.bytes - before);
    before = pair.proxy.bytes;
  };
  for (std::size_t i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(pair.client.link->send(Bytes(1'200)));
    if (i % 50 != 49) continue;
    pair.client.link->flush();  // and this loop does not run: the box between the threads fills
    const auto taken = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (pair.client.link->backlog_bytes() > 0) ASSERT_LT(std::chrono::steady_clock::now(), taken);
  }
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.proxy.messages > 0; }));
  // What has been counted is told once a second.
  EXPECT_TRUE(run_until(pair.io, [&] {
    static_cast<void>(pair.client.link->send(Bytes(10)));
    pair.client.link->flush();
    return pair.proxy.link->info().unread_dropped > 0;
  }));
  EXPECT_LE(largest, kMaxUnreadBytes);
  EXPECT_EQ(pair.client.closed + pair.proxy.closed, 0);
}

// How many sockets of this process the kernel forbids to fragment.
std::size_t whole_only() {
  std::size_t count = 0;
  for (int fd = 0; fd < 256; ++fd) {
    int kind = 0;
    int mode = 0;
    socklen_t bytes = sizeof kind;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &bytes) != 0 || kind != SOCK_DGRAM) continue;
    bytes = sizeof mode;
    if (getsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &mode, &bytes) == 0 && mode == IP_PMTUDISC_PROBE) ++count;
  }
  return count;
}

TEST(NativeLink, ForbidsFragmentsOfWhatItSendsAndADataChannelDoesNot) {
  {
    LinkPair pair;
    ASSERT_TRUE(pair.open(native()));
    EXPECT_GE(whole_only(), 2U);
  }
  LinkPair pair;
  ASSERT_TRUE(pair.open(data_channel()));
  EXPECT_EQ(whole_only(), 0U);
}

// Without SCTP to notice, consent alone does: also while we go on sending.
TEST(NativeLink, NoticesALineThatFellSilentUnderLoad) {
  LinkPair pair;
  LossyLine line(pair.io, kDelay, 0);
  ASSERT_TRUE(open_through(line, pair, native()));
  for (const std::size_t side : {0U, 1U}) line.swallow_longer(side, 0);
  const auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(run_until(
      pair.io,
      [&] {
        static_cast<void>(pair.client.link->send(Bytes(1'200)));
        pair.client.link->flush();
        return pair.client.closed == 1 && pair.proxy.closed == 1;
      },
      kConsentLimit + Seconds(3)));
  EXPECT_EQ(pair.client.end, PipeEnd::Lost);
  EXPECT_EQ(pair.proxy.end, PipeEnd::Lost);
  EXPECT_GE(std::chrono::steady_clock::now() - since, kConsentLimit - kConsentIntervalMax);
}

}  // namespace
}  // namespace footbridge::webrtc
