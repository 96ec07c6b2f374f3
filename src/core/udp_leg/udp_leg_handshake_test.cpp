#include "core/udp_leg/udp_leg_handshake.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

class UdpLegHandshake : public testing::Test {
 protected:
  SeededRng rng{11};
  UdpCookieJar jar{rng};
  Bytes token = rng.bytes(crypto::kLegTokenBytes);
  IpAddress peer = IpAddress::v4(0xc0000201);
  TimePoint now{Seconds{1'000}};

  UdpCookie cookie(std::uint16_t port = 8902) {
    return parse_udp_reply(jar.reply(now, peer, token, port), token).value().cookie;
  }
};

TEST_F(UdpLegHandshake, BringsCookieAndPortToWhoKnocked) {
  const auto knock = encode_udp_knock(token, rng);
  ASSERT_TRUE(parse_udp_knock(knock));
  EXPECT_TRUE(std::ranges::equal(*parse_udp_knock(knock), token));
  const auto invitation = parse_udp_reply(jar.reply(now, peer, token, 8907), token);
  ASSERT_TRUE(invitation);
  EXPECT_EQ(invitation->port, 8907);
  const auto enter = encode_udp_enter(invitation->cookie, token, rng);
  const auto parsed = parse_udp_enter(enter);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(jar.is_ours(now, peer, parsed->token, parsed->cookie));
}

TEST_F(UdpLegHandshake, TakesACookieFromItsAddressAndTokenOnly) {
  const auto mine = cookie();
  EXPECT_FALSE(jar.is_ours(now, IpAddress::v4(0xc0000202), token, mine));
  EXPECT_FALSE(jar.is_ours(now, peer, rng.bytes(crypto::kLegTokenBytes), mine));
  UdpCookieJar another(rng);
  EXPECT_FALSE(another.is_ours(now, peer, token, mine)) << "of another egress, or of this one before it restarted";
  auto touched = mine;
  touched[21] ^= std::byte{1};
  EXPECT_FALSE(jar.is_ours(now, peer, token, touched));
}

TEST_F(UdpLegHandshake, TakesACookieForAsLongAsItPromisesAndNoLongerThanTwice) {
  const auto mine = cookie();
  EXPECT_TRUE(jar.is_ours(now + kUdpCookieLife, peer, token, mine));
  EXPECT_FALSE(jar.is_ours(now + 2 * kUdpCookieLife, peer, token, mine));
}

TEST_F(UdpLegHandshake, NeverSaysMoreThanItWasTold) {
  for (int i = 0; i < 200; ++i) {
    const auto knock = encode_udp_knock(token, rng);
    EXPECT_LE(jar.reply(now, peer, token, 1).size(), knock.size() / 6);
    EXPECT_LE(knock.size(), kMaxUdpKnockBytes);
  }
  EXPECT_FALSE(parse_udp_knock(Bytes(kMinUdpKnockBytes - 1))) << "a short one would get a longer answer for its bytes";
  EXPECT_FALSE(parse_udp_enter(Bytes(kMinUdpKnockBytes - 1)));
}

TEST_F(UdpLegHandshake, LooksLikeNothingToWhoDoesNotKnowTheToken) {
  const auto one = jar.reply(now, peer, token, 8902);
  const auto other = jar.reply(now, peer, rng.bytes(crypto::kLegTokenBytes), 8902);
  std::size_t same = 0;
  for (std::size_t i = 0; i < one.size(); ++i) same += one[i] == other[i] ? 1 : 0;
  EXPECT_LE(same, 3U) << "the port is masked, too";
}

TEST_F(UdpLegHandshake, RefusesAReplyThatWasTouched) {
  const auto reply = jar.reply(now, peer, token, 8902);
  for (std::size_t i = 0; i < reply.size(); ++i) {
    auto touched = reply;
    touched[i] ^= std::byte{0x10};
    EXPECT_FALSE(parse_udp_reply(touched, token)) << i;
  }
  EXPECT_FALSE(parse_udp_reply(ByteView(reply).first(31), token));
}

TEST_F(UdpLegHandshake, TellsSignalsFromMessagesAndEndsFromEachOther) {
  const UdpLegSignals proxy(UdpEnd::Proxy, cookie(), token), egress(UdpEnd::Egress, cookie(), token);
  const auto leave = proxy.encode(UdpSignal::Leave, rng);
  EXPECT_EQ(egress.parse(leave), UdpSignal::Leave);
  EXPECT_EQ(proxy.parse(leave), std::nullopt) << "sent back to its sender it is a message";
  EXPECT_EQ(proxy.parse(egress.encode(UdpSignal::Welcome, rng)), UdpSignal::Welcome);
  EXPECT_EQ(egress.parse(rng.bytes(kUdpSignalBytes)), std::nullopt);
  const UdpLegSignals stranger(UdpEnd::Proxy, {}, token);
  EXPECT_EQ(egress.parse(stranger.encode(UdpSignal::Leave, rng)), std::nullopt);
}

}  // namespace
}  // namespace footbridge::core
